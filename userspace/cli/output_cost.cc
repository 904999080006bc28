// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_json.h"
#include "cli/units.h"

#include <fmt/format.h>
#include <iterator>

namespace sluice {

namespace {

constexpr uint64_t page_bytes = 4096;
using Out = std::back_insert_iterator<std::string>;

void breakdown(const CostReport &report, std::string_view prefix, const char *what, Out out)
{
    for (const auto &[reason, count] : with_prefix(report.counters, prefix))
        if (count != 0)
            fmt::format_to(out, "  {:<36}{:>12}\n", fmt::format("{} {}", what, reason), count);
}

}  // namespace

std::string to_text(const CostReport &report)
{
    std::string text;
    Out out(text);
    const auto count = [&](std::string_view name) { return value_of(report.counters, name); };
    const SampleAccount account = account_of(report.counters);
    const uint64_t drains = sum(with_prefix(report.counters, "sluice_drain_"));
    const uint64_t switches = count("sluice_switches");
    const double seconds = static_cast<double>(report.nanoseconds) / 1e9;
    const auto line = [&](const char *what, uint64_t value, const std::string &note) {
        fmt::format_to(out, "{:<38}{:>12}{}{}\n", what, value, note.empty() ? "" : "  ", note);
    };
    fmt::format_to(out, "{} {:.1f} s\n\n", report.since_boot ? "since boot," : "over", seconds);
    line("interrupts (PMIs)", count("sluice_pmis"), "should be near 0");
    line("context switches while on", switches, "");
    line("buffers drained", drains,
         fmt::format("{:.1f} % of the switches",
                     percent(static_cast<double>(count("sluice_drain_switch")),
                             static_cast<double>(switches))));
    breakdown(report, "sluice_drain_", "at", out);
    line("samples taken", account.records,
         fmt::format("{:.1f} a drain", drains == 0 ? 0.0
                                                   : static_cast<double>(account.records) /
                                                         static_cast<double>(drains)));
    line("samples dropped", account.dropped_total, "");
    breakdown(report, "sluice_drop_", "dropped,", out);
    line("epochs of classification", count("sluice_epochs"), "");
    const uint64_t moved = count("sluice_promoted") + count("sluice_demoted");
    line("pages moved", moved,
         fmt::format(
             "{}, {}/s", human_bytes(moved * page_bytes),
             human_bytes(seconds <= 0 ? 0
                                      : static_cast<uint64_t>(
                                            static_cast<double>(moved * page_bytes) / seconds))));
    line("  promoted", count("sluice_promoted"), "");
    line("  demoted", count("sluice_demoted"), "");
    line("pages that would not move", sum(with_prefix(report.counters, "sluice_refused_")), "");
    breakdown(report, "sluice_refused_", "refused,", out);
    return text;
}

Json to_json(const CostReport &report)
{
    const uint64_t moved =
        value_of(report.counters, "sluice_promoted") + value_of(report.counters, "sluice_demoted");
    return {{"schema", "sluice.cost/1"},
            {"since_boot", report.since_boot},
            {"nanoseconds", report.nanoseconds},
            {"moved_bytes", moved * page_bytes},
            {"drains", with_prefix(report.counters, "sluice_drain_")},
            {"refused_pages", with_prefix(report.counters, "sluice_refused_")},
            {"samples", samples_json(report.counters)},
            {"counters", report.counters}};
}

}  // namespace sluice
