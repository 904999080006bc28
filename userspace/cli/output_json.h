// SPDX-License-Identifier: GPL-2.0-or-later
// Reports for programs: each names its schema; sizes are bytes, times nanoseconds, all integers.
#pragma once

#include "cli/commands.h"
#include "cli/json_text.h"
#include "cli/output_text.h"
#include "cli/report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace sluice {

using Json = nlohmann::ordered_json;

Json to_json(const StatusReport &report);
Json to_json(const TopReport &report);
Json to_json(const MapReport &report);
Json to_json(const GupsConfig &config, const GupsResult &result);
Json to_json(const KvReport &report);
Json to_json(const ProcessReport &report);
Json to_json(const RangesReport &report);
Json to_json(const CostReport &report);
Json to_json(const KnobsReport &report);
Json to_json(const SetReport &report);
Json to_json(const WhyReport &report);
Json to_json(const Diagnosis &diagnosis);

// null: not known.
template <class T>
Json optional_json(const std::optional<T> &value)
{
    return value ? Json(*value) : Json();
}

// As the user asked for it.
template <class Report>
void print_report(const CommonOptions &common, const Report &report)
{
    fmt::print("{}", common.json ? json_text(to_json(report)) : to_text(report));
}

Json samples_json(const Counters &counters);
Json range_json(const Range &range);
Json span_json(const Span &span);

}  // namespace sluice
