// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

#include <algorithm>

namespace sluice {

namespace {

// What a range is sorted by; the largest comes first, except for addresses.
double key_of(const Range &range, RangeOrder order)
{
    switch (order) {
        case RangeOrder::address:
            return 0;
        case RangeOrder::density:
            return range.samples_per_mib();
        case RangeOrder::samples:
            return static_cast<double>(range.count_milli);
        case RangeOrder::size:
            return static_cast<double>(range.size());
        case RangeOrder::slow:
            return static_cast<double>(range.resident_bytes) -
                   static_cast<double>(range.fast_bytes);
        case RangeOrder::age:
            return static_cast<double>(range.age);
    }
    return 0;
}

}  // namespace

int run_ranges(const CommonOptions &common, const RangesOptions &options)
{
    const Sysroot root(common.sysroot);
    auto map = collect_map(root, options.pid);
    if (!map)
        return report_error(map.error());
    const auto knobs = read_knobs(root);
    if (!knobs)
        return report_error(knobs.error());
    RangesReport report{std::move(map->process), 0, 0};
    const auto epoch = knobs->find("epoch_ms");
    if (epoch != knobs->end() && std::holds_alternative<uint64_t>(epoch->second))
        report.epoch_ms = std::get<uint64_t>(epoch->second);
    std::vector<Range> &ranges = report.process.table.ranges;
    std::stable_sort(ranges.begin(), ranges.end(), [&](const Range &a, const Range &b) {
        return key_of(a, options.order) > key_of(b, options.order);
    });
    if (options.limit != 0 && ranges.size() > options.limit) {
        report.left_out = ranges.size() - options.limit;
        ranges.resize(options.limit);
    }
    print_report(common, report);
    return 0;
}

}  // namespace sluice
