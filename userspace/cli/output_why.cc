// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_json.h"
#include "cli/units.h"

#include <fmt/format.h>
#include <iterator>

namespace sluice {

namespace {

using Out = std::back_insert_iterator<std::string>;

void range_text(const WhyReport &report, Out out)
{
    const Range &range = *report.range;
    const double age = static_cast<double>(range.age * report.epoch_ms) / 1000;
    fmt::format_to(out, "  range    {:x}-{:x}, {}, for {} epochs ({:.1f} s)\n", range.start,
                   range.end, human_bytes(range.size()), range.age, age);
    fmt::format_to(out, "  density  {:.2f} samples per MiB: rank {} of {}, {} are denser\n",
                   range.samples_per_mib(), report.rank, report.ranked,
                   human_bytes(report.denser_bytes));
    fmt::format_to(out, "  tier     wanted: {}; {} of {} are in the fast tier\n",
                   range.tier == 0 ? "fast" : "slow", human_bytes(range.fast_bytes),
                   human_bytes(range.resident_bytes));
}

Json mapping_json(const Mapping &mapping)
{
    return {{"start", mapping.start},
            {"end", mapping.end},
            {"permissions", mapping.permissions},
            {"name", mapping.name},
            {"resident_bytes", mapping.resident_bytes}};
}

}  // namespace

std::string to_text(const WhyReport &report)
{
    std::string text;
    Out out(text);
    fmt::format_to(out, "address {:x} of process {} ({})\n", report.address, report.pid,
                   report.name);
    if (report.mapping) {
        const Mapping &mapping = *report.mapping;
        fmt::format_to(out, "  mapping  {:x}-{:x} {} {}, {}\n", mapping.start, mapping.end,
                       mapping.permissions, mapping.name.empty() ? "anonymous" : mapping.name,
                       human_bytes(mapping.size()));
        if (report.node)
            fmt::format_to(out, "  page     on node {}{}\n", *report.node,
                           report.tier ? fmt::format(", tier {}", *report.tier) : "");
        else
            fmt::format_to(out, "  page     not known: {}\n", report.node_unknown_because);
    }
    if (report.range)
        range_text(report, out);
    fmt::format_to(out, "\n{}: {}\n", name_of(report.verdict), report.because);
    if (!report.fix.empty())
        fmt::format_to(out, "what to do: {}\n", report.fix);
    return text;
}

Json to_json(const WhyReport &report)
{
    Json json = {{"schema", "sluice.why/1"},
                 {"pid", report.pid},
                 {"name", report.name},
                 {"address", report.address},
                 {"verdict", name_of(report.verdict)},
                 {"because", report.because},
                 {"fix", report.fix},
                 {"node", optional_json(report.node)},
                 {"tier", optional_json(report.tier)}};
    json["mapping"] = report.mapping ? mapping_json(*report.mapping) : Json();
    json["range"] = report.range ? range_json(*report.range) : Json();
    json["rank"] = report.rank;
    json["ranked"] = report.ranked;
    json["denser_bytes"] = report.denser_bytes;
    json["capacity_bytes"] = report.capacity_bytes;
    json["refused_pages"] = report.refused;
    return json;
}

}  // namespace sluice
