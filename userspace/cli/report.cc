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
    auto nodes = read_nodes(root);
    if (!nodes)
        return propagate(nodes);
    auto processes = read_managed_processes(root);
    if (!processes)
        return propagate(processes);
    auto counters = read_sluice_counters(root);
    if (!counters)
        return propagate(counters);
    return StatusReport{std::move(*knobs), std::move(*nodes), std::move(*tiers),
                        std::move(*processes), std::move(*counters)};
}

Health health_of(const StatusReport &report)
{
    const SampleAccount account = account_of(report.counters);
    if (!is_enabled(report.knobs))
        return Health::off;
    if (account.records == 0)
        return Health::no_samples;
    if (report.processes.managed.empty())
        return Health::nothing_managed;
    return account.classified == 0 ? Health::all_dropped : Health::works;
}

const char *health_name(Health health)
{
    switch (health) {
        case Health::off:
            return "off";
        case Health::no_samples:
            return "no_samples";
        case Health::nothing_managed:
            return "nothing_managed";
        case Health::all_dropped:
            return "all_dropped";
        case Health::works:
            break;
    }
    return "works";
}

std::string health_text(const StatusReport &report)
{
    const SampleAccount account = account_of(report.counters);
    switch (health_of(report)) {
        case Health::off:
            return "it is off: sluice set enabled=1";
        case Health::no_samples:
            return "no sample has come yet: is anything running? sluice doctor looks for a reason";
        case Health::nothing_managed:
            return "samples come, but no process is managed: is one larger than "
                   "vm.sluice.min_rss_kb? "
                   "(sluice get)";
        case Health::all_dropped:
            return "samples come, but all are dropped: the reasons are below";
        case Health::works:
            break;
    }
    return fmt::format(
        "it works: {:.1f} % of the samples are counted into ranges, {} pages moved",
        100.0 * static_cast<double>(account.classified) / static_cast<double>(account.records),
        value_of(report.counters, "sluice_promoted") + value_of(report.counters, "sluice_demoted"));
}

Result<ProcessReport> collect_process(const Sysroot &root, int pid)
{
    const auto knobs = read_knobs(root);
    if (!knobs)
        return propagate(knobs);
    auto name = read_process_name(root, pid);
    if (!name)
        return propagate(name);
    auto tiers = read_tiers(root);
    if (!tiers)
        return propagate(tiers);
    auto memory = read_node_kinds(root, pid);
    if (!memory)
        return propagate(memory);
    auto process = read_process(root, pid);
    if (!process)
        return propagate(process);
    return ProcessReport{pid, std::move(*name), std::move(*tiers), std::move(*memory),
                         std::move(process->table)};
}

namespace {

// A process that is managed anew starts again from zero, and so does another one with its number.
uint64_t grown(uint64_t before, uint64_t now)
{
    return now >= before ? now - before : now;
}

}  // namespace

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
        report.samples_by_pid[process.pid] =
            grown(samples_before[process.pid], process.table.samples);
    report.now = std::move(now);
    return report;
}

namespace {

// The table could not be read: of all reasons, the one that helps most.
Error why_no_table(const Sysroot &root, int pid, const Error &error)
{
    if (const auto knobs = read_knobs(root); !knobs)
        return knobs.error();
    if (const auto name = read_process_name(root, pid); !name)
        return name.error();
    return error;
}

}  // namespace

Result<MapReport> collect_map(const Sysroot &root, int pid)
{
    auto process = read_process(root, pid);
    if (!process)
        return fail(why_no_table(root, pid, process.error()));
    if (!process->table.managed) {
        const auto knobs = read_knobs(root);
        const bool off = knobs && !is_enabled(*knobs);
        return fail(
            Error{Code::failed, "look at", fmt::format("process {}", pid), "it is not managed",
                  off ? "sluice set enabled=1" : "is it smaller than vm.sluice.min_rss_kb?"});
    }
    auto bytes = read_node_bytes(root, pid);
    if (!bytes)
        return propagate(bytes);
    return MapReport{std::move(*process), std::move(*bytes)};
}

}  // namespace sluice
