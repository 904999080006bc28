// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_text.h"

#include "cli/picture.h"
#include "cli/units.h"

#include <fmt/format.h>
#include <iterator>

namespace sluice {

namespace {

std::string halves_text(const char *what, const Halves &halves)
{
    return fmt::format(
        "{}: {} operations in {:.3f} s, {:.0f} per second (halves {:.0f}, {:.0f})\n", what,
        halves.whole().operations, static_cast<double>(halves.whole().nanoseconds) / 1e9,
        halves.whole().per_second(), halves.first.per_second(), halves.second.per_second());
}

}  // namespace

std::string to_text(const MapReport &report)
{
    std::string text;
    std::back_insert_iterator<std::string> out(text);
    const RangeTable &table = report.process.table;
    const PictureSize size;
    uint64_t addresses = 0, whole = 0;
    double densest = 0;
    for (const Range &range : table.ranges) {
        addresses += range.size();
        densest = std::max(densest, range.samples_per_mib());
    }
    for (const auto &[node, bytes] : report.node_bytes)
        whole += bytes;
    fmt::format_to(out, "process {} ({}): {} ranges over {} of addresses\n", report.process.pid,
                   report.process.name, table.ranges.size(), human_bytes(addresses));
    fmt::format_to(
        out, "covered: {} of the {} that the process has in memory ({:.1f} %)\n",
        human_bytes(table.resident_bytes()), human_bytes(whole),
        percent(static_cast<double>(table.resident_bytes()), static_cast<double>(whole)));
    const uint64_t cell = cell_bytes(table.ranges, size);
    fmt::format_to(out, "in the fast tier: {} of a capacity of {}\n",
                   human_bytes(table.fast_bytes()), human_bytes(table.capacity_bytes));
    fmt::format_to(out, "address (hex) of each row's start on the left; a cell is {}, a row {}\n",
                   human_bytes(cell), human_bytes(cell * size.columns));
    fmt::format_to(out,
                   "density: samples per resident MiB; @ is {:.3f}, each of %#*+=-: half of the "
                   "one before, . none\n",
                   densest);
    fmt::format_to(out, "tier: F fast, s slow, / mixed; blank: less than 1/16 is in memory\n\n");
    return text + draw_ranges(table.ranges, size);
}

std::string to_text(const GupsConfig &config, const GupsResult &result)
{
    return fmt::format("gups: {}, {:.1f} % of it ({}) takes {:.1f} % of the updates, seed {}\n",
                       human_bytes(config.size_bytes), 100 * config.hot_fraction,
                       name_of(config.hot_position), 100 * config.hot_share, config.seed) +
           halves_text("updates", result.halves) +
           fmt::format("corrupt bytes: {}\n", result.corrupt_bytes);
}

std::string to_text(const KvReport &report)
{
    const KvConfig &config = report.config;
    std::string text =
        fmt::format("kv: {} keys of {} bytes at {}, pipeline {}, seed {}\n", config.keys,
                    config.value_bytes, config.address.text(), config.pipeline, config.seed);
    if (report.inserted)
        text += halves_text("insert", report.insert.halves);
    if (report.read)
        text += halves_text(fmt::format("read ({})", name_of(config.mode)).c_str(),
                            report.reads.halves);
    return text + fmt::format("corrupt bytes: {}, missing values: {}\n", report.corrupt_bytes(),
                              report.reads.missing_values);
}

const char *name_of(KeyMode mode)
{
    return mode == KeyMode::zipf ? "zipf" : "latest";
}

const char *name_of(HotPosition position)
{
    switch (position) {
        case HotPosition::start:
            return "start";
        case HotPosition::middle:
            return "middle";
        case HotPosition::end:
            return "end";
    }
    return "?";
}

}  // namespace sluice
