// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_text.h"

#include "cli/picture.h"
#include "cli/units.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace sluice {

namespace {

using Out = std::back_insert_iterator<std::string>;

std::string knob_text(const KnobValue &value)
{
    if (const auto *number = std::get_if<uint64_t>(&value))
        return std::to_string(*number);
    return std::get<std::string>(value);
}

void tiers_text(const std::vector<Tier> &tiers, Out out)
{
    fmt::format_to(out, "\n{:<6}{:<10}{:>12}{:>12}{:>8}\n", "tier", "nodes", "size", "free",
                   "used");
    for (const Tier &tier : tiers) {
        const NodeMemory &memory = tier.memory;
        const double used = static_cast<double>(memory.total_bytes - memory.free_bytes);
        fmt::format_to(out, "{:<6}{:<10}{:>12}{:>12}{:>7.1f}%\n", tier.rank,
                       fmt::format("{}", fmt::join(tier.nodes, ",")),
                       human_bytes(memory.total_bytes), human_bytes(memory.free_bytes),
                       percent(used, static_cast<double>(memory.total_bytes)));
    }
}

void unreadable_text(const ProcessList &list, Out out)
{
    if (list.unreadable != 0)
        fmt::format_to(out, "{} processes may not be looked at: run as root to see them all\n",
                       list.unreadable);
}

void processes_text(const ProcessList &list, Out out)
{
    if (list.managed.empty())
        fmt::format_to(out, "\nno managed process\n");
    else
        fmt::format_to(out, "\n{:<8}{:<17}{:>7}{:>11}{:>7}{:>12}{:>12}{:>8}\n", "pid", "process",
                       "ranges", "samples", "epoch", "resident", "fast", "share");
    for (const ManagedProcess &process : list.managed) {
        const RangeTable &table = process.table;
        fmt::format_to(out, "{:<8}{:<17}{:>7}{:>11}{:>7}{:>12}{:>12}{:>7.1f}%\n", process.pid,
                       process.name, table.ranges.size(), table.samples, table.epoch,
                       human_bytes(table.resident_bytes()), human_bytes(table.fast_bytes()),
                       percent(static_cast<double>(table.fast_bytes()),
                               static_cast<double>(table.resident_bytes())));
    }
    unreadable_text(list, out);
}

void account_text(const SampleAccount &account, Out out)
{
    fmt::format_to(out, "\nsamples: {} records = {} classified + {} dropped + {} in flight\n",
                   account.records, account.classified, account.dropped_total, account.in_flight);
    for (const auto &[reason, count] : account.dropped)
        fmt::format_to(out, "  dropped, {:<24}{:>14}\n", reason, count);
}

bool in_account(std::string_view name)
{
    return name == "sluice_records" || name == "sluice_classified" ||
           name.starts_with("sluice_drop_");
}

std::string halves_text(const char *what, const Halves &halves)
{
    return fmt::format(
        "{}: {} operations in {:.3f} s, {:.0f} per second (halves {:.0f}, {:.0f})\n", what,
        halves.whole().operations, static_cast<double>(halves.whole().nanoseconds) / 1e9,
        halves.whole().per_second(), halves.first.per_second(), halves.second.per_second());
}

}  // namespace

std::string to_text(const StatusReport &report)
{
    std::string text;
    Out out(text);
    fmt::format_to(out, "sluice: {}\n\n", is_enabled(report.knobs) ? "enabled" : "disabled");
    for (const auto &[name, value] : report.knobs)
        fmt::format_to(out, "vm.sluice.{:<24}{:>10}\n", name, knob_text(value));
    tiers_text(report.tiers, out);
    processes_text(report.processes, out);
    account_text(account_of(report.counters), out);
    fmt::format_to(out, "\n");
    for (const auto &[name, value] : report.counters)
        if (!in_account(name))
            fmt::format_to(out, "{:<34}{:>10}\n", name, value);
    return text;
}

std::string to_text(const TopReport &report)
{
    std::string text;
    Out out(text);
    const SampleAccount account = account_of(report.delta);
    fmt::format_to(out, "sluice: {}, rates over {:.1f} s\n",
                   is_enabled(report.now.knobs) ? "enabled" : "disabled", report.seconds);
    tiers_text(report.now.tiers, out);
    fmt::format_to(out, "\npages/s: promoted {:.0f}, demoted {:.0f}",
                   report.rate("sluice_promoted"), report.rate("sluice_demoted"));
    for (const auto &[reason, count] : with_prefix(report.delta, "sluice_refused_"))
        fmt::format_to(out, ", refused ({}) {:.0f}", reason,
                       report.rate("sluice_refused_" + reason));
    fmt::format_to(out, "\nsamples/s: records {:.0f}, classified {:.0f}, dropped {:.0f}\n",
                   report.rate("sluice_records"), report.rate("sluice_classified"),
                   static_cast<double>(account.dropped_total) / report.seconds);
    fmt::format_to(out, "per second: switches {:.0f}, pmis {:.0f}, epochs {:.1f}\n",
                   report.rate("sluice_switches"), report.rate("sluice_pmis"),
                   report.rate("sluice_epochs"));
    fmt::format_to(out, "\n{:<8}{:<17}{:>7}{:>12}{:>12}{:>12}{:>8}\n", "pid", "process", "ranges",
                   "samples/s", "resident", "fast", "share");
    for (const ManagedProcess &process : report.now.processes.managed) {
        const RangeTable &table = process.table;
        const double samples = static_cast<double>(report.samples_by_pid.at(process.pid));
        fmt::format_to(out, "{:<8}{:<17}{:>7}{:>12.0f}{:>12}{:>12}{:>7.1f}%\n", process.pid,
                       process.name, table.ranges.size(), samples / report.seconds,
                       human_bytes(table.resident_bytes()), human_bytes(table.fast_bytes()),
                       percent(static_cast<double>(table.fast_bytes()),
                               static_cast<double>(table.resident_bytes())));
    }
    unreadable_text(report.now.processes, out);
    return text;
}

std::string to_text(const MapReport &report)
{
    std::string text;
    Out out(text);
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
