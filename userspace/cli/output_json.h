// SPDX-License-Identifier: GPL-2.0-or-later
// Reports for programs: each names its schema; sizes are bytes, times nanoseconds, all integers.
#pragma once

#include "cli/output_text.h"
#include "cli/report.h"

#include <nlohmann/json.hpp>

namespace sluice {

using Json = nlohmann::ordered_json;

Json to_json(const StatusReport &report);
Json to_json(const TopReport &report);
Json to_json(const MapReport &report);
Json to_json(const GupsConfig &config, const GupsResult &result);
Json to_json(const KvReport &report);

Json samples_json(const Counters &counters);
Json span_json(const Span &span);

}  // namespace sluice
