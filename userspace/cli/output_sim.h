// SPDX-License-Identifier: GPL-2.0-or-later
// What `sluice sim` prints.
#pragma once

#include "cli/json_text.h"
#include "sim/replay.h"
#include "sim/sweep.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sluice {

std::string to_text(const SimResult &result);
std::string to_text(const std::vector<SweepRun> &runs);
std::string to_text(const ReplayResult &result);
nlohmann::json to_json(const SimResult &result);
nlohmann::json to_json(const std::vector<SweepRun> &runs);
nlohmann::json to_json(const ReplayResult &result);

}  // namespace sluice
