// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/why.h"

#include "sluice/knobs.h"

#include <fmt/format.h>
#include <algorithm>

namespace sluice {

namespace {

constexpr double mib = 1 << 20;

double in_mib(uint64_t bytes)
{
    return static_cast<double>(bytes) / mib;
}

uint64_t number_of(const Knobs &knobs, std::string_view name)
{
    const auto found = knobs.find(name);
    if (found == knobs.end() || !std::holds_alternative<uint64_t>(found->second))
        return 0;
    return std::get<uint64_t>(found->second);
}

void find_page(const Sysroot &root, WhyReport &report)
{
    if (!root.is_live()) {
        report.node_unknown_because = "a captured tree does not tell";
        return;
    }
    const auto node = node_of_page(report.pid, report.address);
    if (!node) {
        report.node_unknown_because = describe(node.error());
        return;
    }
    report.node = *node;
    if (!*node)
        report.node_unknown_because = "it is not in memory";
    for (const Tier &tier : read_tiers(root).value_or(std::vector<Tier>{}))
        if (*node && std::find(tier.nodes.begin(), tier.nodes.end(), **node) != tier.nodes.end())
            report.tier = tier.rank;
}

// As placement ranks: denser first.
void rank_range(const ProcessList &list, WhyReport &report)
{
    const double own = report.range->samples_per_mib();
    report.rank = 1;
    report.weakest_fast = -1;
    for (const ManagedProcess &process : list.managed)
        for (const Range &range : process.table.ranges) {
            ++report.ranked;
            const double density = range.samples_per_mib();
            if (density > own) {
                ++report.rank;
                report.denser_bytes += range.resident_bytes;
            }
            if (range.tier == 0 && (report.weakest_fast < 0 || density < report.weakest_fast))
                report.weakest_fast = density;
        }
}

void conclude(WhyReport &report, WhyVerdict verdict, std::string because, std::string fix = {})
{
    report.verdict = verdict;
    report.because = std::move(because);
    report.fix = std::move(fix);
}

std::string refusals_text(const Counters &refused)
{
    std::string text;
    for (const auto &[reason, pages] : refused)
        if (pages != 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", reason, pages);
    return text.empty() ? "no page was refused" : "refused pages: " + text;
}

void conclude_wanted_fast(WhyReport &report)
{
    const Range &range = *report.range;
    if (range.fast_bytes >= range.resident_bytes) {
        conclude(report, WhyVerdict::in_fast_tier,
                 "its range belongs in the fast tier, and all of it is there");
        return;
    }
    conclude(
        report, WhyVerdict::on_its_way,
        fmt::format("its range belongs in the fast tier, and {:.1f} of {:.1f} MiB are there; {}",
                    in_mib(range.fast_bytes), in_mib(range.resident_bytes),
                    refusals_text(report.refused)),
        "wait an epoch or two; if it stays so, look at the refusals, and at "
        "vm.sluice.relocate_mbps");
}

void conclude_wanted_slow(WhyReport &report)
{
    const Range &range = *report.range;
    if (range.fast_bytes != 0) {
        conclude(report, WhyVerdict::partly_fast,
                 fmt::format("the fast tier ({:.1f} MiB) is filled from the densest range down; "
                             "{:.1f} MiB are denser than its range, of which {:.1f} of {:.1f} MiB "
                             "are fast, and the rest is slow",
                             in_mib(report.capacity_bytes), in_mib(report.denser_bytes),
                             in_mib(range.fast_bytes), in_mib(range.resident_bytes)));
        return;
    }
    conclude(
        report, WhyVerdict::not_hot_enough,
        fmt::format("its range has {:.2f} samples per MiB; {:.1f} MiB are denser, the fast tier "
                    "has {:.1f} MiB, and the least dense range in it has {:.2f}",
                    range.samples_per_mib(), in_mib(report.denser_bytes),
                    in_mib(report.capacity_bytes), std::max(0.0, report.weakest_fast)));
}

void judge_range(WhyReport &report, const RangeTable &table)
{
    const auto found =
        std::find_if(table.ranges.begin(), table.ranges.end(), [&](const Range &range) {
            return range.start <= report.address && report.address < range.end;
        });
    if (found == table.ranges.end()) {
        const std::string reason = report.mapping ? report.mapping->not_managed_because() : "";
        if (!reason.empty())
            conclude(report, WhyVerdict::mapping_unmanaged,
                     "Sluice leaves its mapping alone: " + reason);
        else
            conclude(report, WhyVerdict::no_range_yet, "no range covers it yet",
                     "wait an epoch: new mappings are looked at then; a mapping that is bound by a "
                     "memory policy (mbind) is left alone");
        return;
    }
    report.range = *found;
}

void judge(const Sysroot &root, const Knobs &knobs, WhyReport &report)
{
    if (!report.mapping) {
        conclude(report, WhyVerdict::not_mapped, "nothing is mapped there", "check the address");
        return;
    }
    if (!is_enabled(knobs)) {
        conclude(report, WhyVerdict::switched_off,
                 "Sluice is off: pages stay where they were first "
                 "touched",
                 "sluice set enabled=1");
        return;
    }
    const auto process = read_process(root, report.pid);
    if (!process || !process->table.managed) {
        conclude(
            report, WhyVerdict::process_unmanaged, "Sluice does not manage this process",
            fmt::format("it may be smaller than vm.sluice.min_rss_kb ({}), opted out, or bound "
                        "to one tier by its cpuset; to opt in: echo 1 > /proc/{}/sluice",
                        number_of(knobs, "min_rss_kb"), report.pid));
        return;
    }
    report.capacity_bytes = process->table.capacity_bytes;
    judge_range(report, process->table);
    if (!report.range)
        return;
    rank_range(read_managed_processes(root).value_or(ProcessList{}), report);
    if (report.range->tier == 0)
        conclude_wanted_fast(report);
    else
        conclude_wanted_slow(report);
}

}  // namespace

const char *name_of(WhyVerdict verdict)
{
    switch (verdict) {
        case WhyVerdict::switched_off:
            return "switched_off";
        case WhyVerdict::not_mapped:
            return "not_mapped";
        case WhyVerdict::process_unmanaged:
            return "process_unmanaged";
        case WhyVerdict::mapping_unmanaged:
            return "mapping_unmanaged";
        case WhyVerdict::no_range_yet:
            return "no_range_yet";
        case WhyVerdict::in_fast_tier:
            return "in_fast_tier";
        case WhyVerdict::on_its_way:
            return "on_its_way";
        case WhyVerdict::partly_fast:
            return "partly_fast";
        case WhyVerdict::not_hot_enough:
            return "not_hot_enough";
    }
    return "?";
}

Result<WhyReport> explain_address(const Sysroot &root, int pid, uint64_t address)
{
    const auto knobs = read_knobs(root);
    if (!knobs)
        return propagate(knobs);
    WhyReport report;
    report.address = address;
    report.pid = pid;
    report.epoch_ms = number_of(*knobs, "epoch_ms");
    const auto name = read_process_name(root, pid);
    if (!name)
        return propagate(name);
    report.name = *name;
    const auto mappings = read_mappings(root, pid);
    if (!mappings)
        return propagate(mappings);
    if (const Mapping *mapping = mapping_at(*mappings, address)) {
        report.mapping = *mapping;
        find_page(root, report);
    }
    report.refused =
        with_prefix(read_sluice_counters(root).value_or(Counters{}), "sluice_refused_");
    judge(root, *knobs, report);
    return report;
}

}  // namespace sluice
