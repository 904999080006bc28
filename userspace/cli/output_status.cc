// SPDX-License-Identifier: GPL-2.0-or-later
// status and top: memory by node, tier and process, always in MiB, as numastat has it.
#include "cli/output_json.h"
#include "cli/units.h"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

using Out = std::back_insert_iterator<std::string>;

constexpr double mib = 1 << 20;
constexpr double page_mib = 4096 / mib;

double in_mib(uint64_t bytes)
{
    return static_cast<double>(bytes) / mib;
}

int tier_of(const std::vector<Tier> &tiers, int node)
{
    for (const Tier &tier : tiers)
        if (std::find(tier.nodes.begin(), tier.nodes.end(), node) != tier.nodes.end())
            return tier.rank;
    return -1;
}

// A row of the table of nodes; the last column is the sum.
void memory_row(const char *what, const std::vector<MemoryNode> &nodes, Out out, auto &&bytes_of)
{
    uint64_t total = 0;
    fmt::format_to(out, "{:<24}", what);
    for (const MemoryNode &node : nodes) {
        fmt::format_to(out, "{:>11.1f}", in_mib(bytes_of(node.memory)));
        total += bytes_of(node.memory);
    }
    fmt::format_to(out, "{:>11.1f}\n", in_mib(total));
}

void nodes_text(const StatusReport &report, Out out)
{
    fmt::format_to(out, "\n{:<24}", "memory in MiB");
    for (const MemoryNode &node : report.nodes)
        fmt::format_to(out, "{:>11}", fmt::format("node {}", node.id));
    fmt::format_to(out, "{:>11}\n{:<24}", "total", "tier (0 is the fastest)");
    for (const MemoryNode &node : report.nodes) {
        const int tier = tier_of(report.tiers, node.id);
        fmt::format_to(out, "{:>11}", tier < 0 ? "none" : std::to_string(tier));
    }
    fmt::format_to(out, "\n");
    memory_row("size", report.nodes, out, [](const NodeMemory &m) { return m.total_bytes; });
    memory_row("used", report.nodes, out,
               [](const NodeMemory &m) { return m.total_bytes - m.free_bytes; });
    memory_row("free", report.nodes, out, [](const NodeMemory &m) { return m.free_bytes; });
}

void unreadable_text(const ProcessList &list, Out out)
{
    if (list.unreadable != 0)
        fmt::format_to(out, "{} processes may not be looked at: run as root to see them all\n",
                       list.unreadable);
}

// `count` is what the last column shows: samples, or samples a second.
void processes_text(const ProcessList &list, const char *last, Out out, auto &&count)
{
    if (list.managed.empty()) {
        fmt::format_to(out, "\nno managed process\n");
        unreadable_text(list, out);
        return;
    }
    fmt::format_to(out, "\n{:<24}{:>11}{:>11}{:>11}{:>8}{:>8}{:>12}\n", "managed memory in MiB",
                   "fast", "slow", "total", "fast%", "ranges", last);
    for (const ManagedProcess &process : list.managed) {
        const uint64_t fast = process.table.fast_bytes();
        const uint64_t all = process.table.resident_bytes();
        fmt::format_to(out, "{:<24}{:>11.1f}{:>11.1f}{:>11.1f}{:>8.1f}{:>8}{:>12.0f}\n",
                       fmt::format("{} {}", process.pid, process.name), in_mib(fast),
                       in_mib(all - fast), in_mib(all),
                       percent(static_cast<double>(fast), static_cast<double>(all)),
                       process.table.ranges.size(), count(process));
    }
    unreadable_text(list, out);
}

void account_text(const SampleAccount &account, Out out)
{
    fmt::format_to(out, "\nsamples: {} records = {} classified + {} dropped + {} in flight\n",
                   account.records, account.classified, account.dropped_total, account.in_flight);
    for (const auto &[reason, count] : account.dropped)
        if (count != 0)
            fmt::format_to(out, "  dropped, {:<24}{:>12}\n", reason, count);
}

void moves_text(const Counters &counters, Out out)
{
    fmt::format_to(out, "pages: {} promoted, {} demoted, {} refused\n",
                   value_of(counters, "sluice_promoted"), value_of(counters, "sluice_demoted"),
                   sum(with_prefix(counters, "sluice_refused_")));
    for (const auto &[reason, count] : with_prefix(counters, "sluice_refused_"))
        if (count != 0)
            fmt::format_to(out, "  refused, {:<24}{:>12}\n", reason, count);
}

std::string knob_of(const StatusReport &report, std::string_view name)
{
    const auto found = report.knobs.find(name);
    return found == report.knobs.end() ? "?" : knob_text(found->second);
}

void rate_row(const char *what, double rate, Out out)
{
    fmt::format_to(out, "{:<24}{:>11.0f}\n", what, rate);
}

// What the row above is made of, where that is not nothing.
void reason_rows(const TopReport &report, std::string_view prefix, Out out)
{
    for (const auto &[reason, count] : with_prefix(report.delta, prefix))
        if (count != 0)
            fmt::format_to(out, "  {:<22}{:>11.0f}\n", reason,
                           report.rate(std::string(prefix) + reason));
}

double rate_of_all(const TopReport &report, std::string_view prefix)
{
    const auto all = static_cast<double>(sum(with_prefix(report.delta, prefix)));
    return report.seconds <= 0 ? 0.0 : all / report.seconds;
}

void rates_text(const TopReport &report, Out out)
{
    fmt::format_to(out, "\n{:<24}{:>11}{:>11}\n", "per second", "into fast", "into slow");
    fmt::format_to(out, "{:<24}{:>11.1f}{:>11.1f}\n", "moved, MiB",
                   report.rate("sluice_promoted") * page_mib,
                   report.rate("sluice_demoted") * page_mib);
    rate_row("pages refused", rate_of_all(report, "sluice_refused_"), out);
    reason_rows(report, "sluice_refused_", out);
    rate_row("samples classified", report.rate("sluice_classified"), out);
    rate_row("samples dropped", rate_of_all(report, "sluice_drop_"), out);
    reason_rows(report, "sluice_drop_", out);
    rate_row("drains", rate_of_all(report, "sluice_drain_"), out);
    reason_rows(report, "sluice_drain_", out);
    rate_row("PMIs", report.rate("sluice_pmis"), out);
    rate_row("context switches", report.rate("sluice_switches"), out);
    fmt::format_to(out, "{:<24}{:>11.1f}\n", "epochs", report.rate("sluice_epochs"));
}

}  // namespace

std::string to_text(const StatusReport &report)
{
    std::string text;
    Out out(text);
    fmt::format_to(out, "sluice: {}, a sample each {} loads of {} cycles or more, epoch {} ms\n",
                   is_enabled(report.knobs) ? "enabled" : "disabled",
                   knob_of(report, "sample_period"), knob_of(report, "load_latency_cycles"),
                   knob_of(report, "epoch_ms"));
    fmt::format_to(out, "{}\n", health_text(report));
    nodes_text(report, out);
    processes_text(report.processes, "samples", out,
                   [](const ManagedProcess &p) { return static_cast<double>(p.table.samples); });
    account_text(account_of(report.counters), out);
    moves_text(report.counters, out);
    return text;
}

std::string to_text(const TopReport &report)
{
    std::string text;
    Out out(text);
    fmt::format_to(out, "sluice: {}, rates over {:.1f} s\n",
                   is_enabled(report.now.knobs) ? "enabled" : "disabled", report.seconds);
    nodes_text(report.now, out);
    rates_text(report, out);
    processes_text(report.now.processes, "samples/s", out, [&](const ManagedProcess &process) {
        const double samples = static_cast<double>(report.samples_by_pid.at(process.pid));
        return report.seconds <= 0 ? 0.0 : samples / report.seconds;
    });
    return text;
}

std::string to_text(const ProcessReport &report)
{
    std::string text;
    Out out(text);
    const BytesByNode all = sum_of_kinds(report.memory);
    const auto row = [&](const std::string &what, const BytesByNode &bytes) {
        uint64_t total = 0;
        fmt::format_to(out, "{:<24}", what);
        for (const auto &[node, unused] : all) {
            const auto found = bytes.find(node);
            const uint64_t value = found == bytes.end() ? 0 : found->second;
            fmt::format_to(out, "{:>11.1f}", in_mib(value));
            total += value;
        }
        fmt::format_to(out, "{:>11.1f}\n", in_mib(total));
    };
    fmt::format_to(out, "process {} ({})\n\n{:<24}", report.pid, report.name, "memory in MiB");
    for (const auto &[node, unused] : all)
        fmt::format_to(out, "{:>11}", fmt::format("node {}", node));
    fmt::format_to(out, "{:>11}\n{:<24}", "total", "tier (0 is the fastest)");
    for (const auto &[node, unused] : all) {
        const int tier = tier_of(report.tiers, node);
        fmt::format_to(out, "{:>11}", tier < 0 ? "none" : std::to_string(tier));
    }
    fmt::format_to(out, "\n");
    for (const auto &[kind, bytes] : report.memory)
        row(kind, bytes);
    row("all", all);
    const RangeTable &table = report.table;
    if (!table.managed)
        fmt::format_to(out, "\nnot managed by Sluice\n");
    else
        fmt::format_to(out,
                       "\nmanaged: {:.1f} MiB in {} ranges, {:.1f} of them in the fast tier; "
                       "{} samples in {} epochs\n",
                       in_mib(table.resident_bytes()), table.ranges.size(),
                       in_mib(table.fast_bytes()), table.samples, table.epoch);
    return text;
}

Json to_json(const ProcessReport &report)
{
    Json kinds = Json::object();
    for (const auto &[kind, nodes] : report.memory)
        for (const auto &[node, bytes] : nodes)
            kinds[kind][std::to_string(node)] = bytes;
    const RangeTable &table = report.table;
    return {{"schema", "sluice.status.process/1"},
            {"pid", report.pid},
            {"name", report.name},
            {"managed", table.managed},
            {"memory_bytes", std::move(kinds)},
            {"ranges", table.ranges.size()},
            {"samples", table.samples},
            {"epoch", table.epoch},
            {"resident_bytes", table.resident_bytes()},
            {"fast_bytes", table.fast_bytes()}};
}

}  // namespace sluice
