// SPDX-License-Identifier: GPL-2.0-or-later
// What `sluice record`, `sluice report` and `sluice heatmap` print.
#pragma once

#include "cli/json_text.h"
#include "picture/heat_grid.h"
#include "trace/analysis.h"
#include "trace/recorder.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sluice {

std::string to_text(const trace::Recording &recording, const trace::ProcessFigures &figures,
                    const std::string &title);
nlohmann::json to_json(const trace::Recording &recording, const trace::ProcessFigures &figures);
nlohmann::json to_json(const HeatGrid &grid);
nlohmann::json to_json(const trace::RecordConfig &config, const trace::RecordResult &result);

}  // namespace sluice
