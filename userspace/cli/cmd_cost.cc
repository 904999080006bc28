// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

#include <chrono>

namespace sluice {

namespace {

Result<Counters> read_cost(const Sysroot &root)
{
    auto counters = read_sluice_counters(root);
    if (!counters)
        return counters;
    const auto uptime = root.read("/proc/uptime");
    if (!uptime)
        return propagate(uptime);
    counters->emplace("uptime_ns",
                      static_cast<uint64_t>(std::strtod(uptime->c_str(), nullptr) * 1e9));
    return counters;
}

}  // namespace

// Since boot, or over the seconds asked for.
int run_cost(const CommonOptions &common, const CostOptions &options)
{
    const Sysroot root(common.sysroot);
    catch_interrupts();
    auto now = read_cost(root);
    if (now && options.seconds > 0) {
        const Counters before = *now;
        pause_for(options.seconds);
        now = read_cost(root);
        if (now)
            *now = difference(*now, before);
    }
    if (!now)
        return report_error(now.error());
    CostReport report;
    report.since_boot = options.seconds <= 0;
    report.nanoseconds = value_of(*now, "uptime_ns");
    now->erase("uptime_ns");
    report.counters = std::move(*now);
    print_report(common, report);
    return interrupted() ? static_cast<int>(Code::interrupted) : 0;
}

}  // namespace sluice
