// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_json.h"
#include "cli/units.h"

#include <fmt/format.h>
#include <iterator>

namespace sluice {

namespace {

constexpr double mib = 1 << 20;

// Where the range belongs, and whether it is there yet.
std::string place_text(const Range &range)
{
    if (range.resident_bytes == 0)
        return "empty";
    const double fast =
        percent(static_cast<double>(range.fast_bytes), static_cast<double>(range.resident_bytes));
    if (range.tier == 0)
        return range.fast_bytes >= range.resident_bytes ? "fast" : "slow -> fast";
    return fast > 0 ? "slow, part fast" : "slow";
}

}  // namespace

std::string to_text(const RangesReport &report)
{
    std::string text;
    std::back_insert_iterator<std::string> out(text);
    const RangeTable &table = report.process.table;
    fmt::format_to(out, "process {} ({}), epoch {}; sizes in MiB, density in samples per MiB\n\n",
                   report.process.pid, report.process.name, table.epoch);
    fmt::format_to(out, "{:>12} {:>12} {:>9} {:>9} {:>9} {:>6} {:>9} {:>9} {:>8}  {}\n", "start",
                   "end", "size", "resident", "fast", "fast%", "samples", "density", "age/s",
                   "tier");
    for (const Range &range : table.ranges)
        fmt::format_to(out,
                       "{:>12x} {:>12x} {:>9.1f} {:>9.1f} {:>9.1f} {:>6.1f} {:>9.1f} {:>9.2f} "
                       "{:>8.1f}  {}\n",
                       range.start, range.end, static_cast<double>(range.size()) / mib,
                       static_cast<double>(range.resident_bytes) / mib,
                       static_cast<double>(range.fast_bytes) / mib,
                       percent(static_cast<double>(range.fast_bytes),
                               static_cast<double>(range.resident_bytes)),
                       static_cast<double>(range.count_milli) / 1000, range.samples_per_mib(),
                       static_cast<double>(range.age * report.epoch_ms) / 1000, place_text(range));
    if (report.left_out != 0)
        fmt::format_to(out, "and {} more\n", report.left_out);
    return text;
}

Json range_json(const Range &range)
{
    return {{"start", range.start},
            {"end", range.end},
            {"count_milli", range.count_milli},
            {"resident_bytes", range.resident_bytes},
            {"fast_bytes", range.fast_bytes},
            {"age_epochs", range.age},
            {"tier", range.tier}};
}

Json to_json(const RangesReport &report)
{
    Json ranges = Json::array();
    for (const Range &range : report.process.table.ranges) {
        Json json = range_json(range);
        json["samples_milli_per_mib"] = static_cast<uint64_t>(range.samples_per_mib() * 1000);
        json["age_ns"] = range.age * report.epoch_ms * 1000000;
        ranges.push_back(std::move(json));
    }
    return {{"schema", "sluice.ranges/1"},
            {"pid", report.process.pid},
            {"name", report.process.name},
            {"epoch", report.process.table.epoch},
            {"capacity_bytes", report.process.table.capacity_bytes},
            {"ranges", std::move(ranges)},
            {"left_out", report.left_out}};
}

}  // namespace sluice
