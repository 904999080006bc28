// SPDX-License-Identifier: GPL-2.0-or-later
// All runs of the demo together: what came out, as JSON and as a table, and whether it is enough.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/output_json.h"
#include "sluice/result.h"

namespace sluice {

// Records that the emulated machine says it has written, of all CPUs; from `info pmu`.
std::optional<uint64_t> parse_records_written(std::string_view info_pmu);

// One run: its result.json, and pmu.txt beside it if the machine could tell.
Result<Json> read_run(const std::string &directory);

// `runs` as read_run() gives them. The result has "failures": what was promised and is not so.
Json summarize(const std::vector<Json> &runs);

std::string table_of(const Json &summary);

}  // namespace sluice
