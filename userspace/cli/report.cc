// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/report.h"

#include <fmt/format.h>

namespace sluice {

Result<StatusReport> collect_status(const Sysroot &root)
{
    auto knobs = read_knobs(root);
    if (!knobs)
        return propagate(knobs);
    auto tiers = read_tiers(root);
    if (!tiers)
        return propagate(tiers);
    auto processes = read_managed_processes(root);
    if (!processes)
        return propagate(processes);
    auto counters = read_sluice_counters(root);
    if (!counters)
        return propagate(counters);
    return StatusReport{std::move(*knobs), std::move(*tiers), std::move(*processes),
                        std::move(*counters)};
}

double TopReport::rate(std::string_view counter) const
{
    return seconds <= 0 ? 0.0 : static_cast<double>(value_of(delta, counter)) / seconds;
}

TopReport compare(const StatusReport &before, StatusReport now, double seconds)
{
    TopReport report;
    report.seconds = seconds;
    report.delta = difference(now.counters, before.counters);
    std::map<int, uint64_t> samples_before;
    for (const ManagedProcess &process : before.processes.managed)
        samples_before[process.pid] = process.table.samples;
    for (const ManagedProcess &process : now.processes.managed)
        report.samples_by_pid[process.pid] = process.table.samples - samples_before[process.pid];
    report.now = std::move(now);
    return report;
}

Result<MapReport> collect_map(const Sysroot &root, int pid)
{
    auto process = read_process(root, pid);
    if (!process) {
        Error error = process.error();
        if (!root.exists(fmt::format("/proc/{}", pid)))
            error.hint = "there is no such process";
        else if (!root.exists("/proc/sys/vm/sluice"))
            error = {Code::missing, error.operation, error.path, error.reason,
                     "boot a kernel built with CONFIG_SLUICE=y"};
        return fail(error);
    }
    if (!process->table.managed)
        return fail(Error{Code::failed, "draw", fmt::format("process {}", pid), "it is not managed",
                          "is vm.sluice.enabled 1, and the process above vm.sluice.min_rss_kb?"});
    auto bytes = read_node_bytes(root, pid);
    if (!bytes)
        return propagate(bytes);
    return MapReport{std::move(*process), std::move(*bytes)};
}

}  // namespace sluice
