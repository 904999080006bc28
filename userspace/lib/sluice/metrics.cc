// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/metrics.h"

#include <fmt/format.h>
#include <utility>

namespace sluice {

namespace {

using Labels = std::vector<std::pair<std::string_view, std::string>>;

std::string escaped(std::string_view value)
{
    std::string text;
    for (char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '\\' || c == '"')
            text += '\\';
        text += c;
    }
    return text;
}

// Families one after the other, each with all its samples.
class Exposition {
public:
    void family(std::string_view name, std::string_view type, std::string_view help,
                std::string_view unit = {})
    {
        name_ = name;
        suffix_ = type == "counter" ? "_total" : "";
        text_ += fmt::format("# TYPE {} {}\n", name, type);
        if (!unit.empty())
            text_ += fmt::format("# UNIT {} {}\n", name, unit);
        text_ += fmt::format("# HELP {} {}\n", name, help);
    }

    void sample(uint64_t value, const Labels &labels = {})
    {
        std::string list;
        for (const auto &[label, content] : labels)
            list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", label, escaped(content));
        text_ += fmt::format("{}{}{} {}\n", name_, suffix_,
                             list.empty() ? "" : fmt::format("{{{}}}", list), value);
    }

    std::string end() && { return std::move(text_) + "# EOF\n"; }

private:
    std::string text_;
    std::string name_;
    std::string_view suffix_;
};

struct Group {
    std::string_view prefix;  // of the counters in /proc/vmstat
    std::string_view family;
    std::string_view label;
    std::string_view help;
};

// Counters that differ in a reason or a cause only are one family with a label.
constexpr Group groups[] = {
    {"sluice_drop_", "sluice_dropped_samples", "reason", "Samples that were dropped."},
    {"sluice_refused_", "sluice_refused_pages", "reason", "Pages that were chosen and not moved."},
    {"sluice_drain_", "sluice_drains", "cause", "Times that a CPU's buffer had records."},
};

bool in_group(std::string_view name)
{
    for (const Group &group : groups)
        if (name.starts_with(group.prefix))
            return true;
    return false;
}

void counters_text(const Counters &counters, Exposition &out)
{
    for (const Group &group : groups) {
        out.family(group.family, "counter", group.help);
        for (const auto &[label, value] : with_prefix(counters, group.prefix))
            out.sample(value, {{group.label, label}});
    }
    for (const auto &[name, value] : counters) {
        if (in_group(name))
            continue;
        out.family(name, "counter", fmt::format("Counter {} of /proc/vmstat.", name));
        out.sample(value);
    }
}

void tiers_text(const std::vector<Tier> &tiers, Exposition &out)
{
    const auto each = [&](std::string_view name, std::string_view help, auto &&value) {
        out.family(name, "gauge", help, "bytes");
        for (const Tier &tier : tiers)
            out.sample(value(tier), {{"tier", std::to_string(tier.rank)}});
    };
    each("sluice_tier_size_bytes", "Memory of a tier; 0 is the fastest.",
         [](const Tier &tier) { return tier.memory.total_bytes; });
    each("sluice_tier_free_bytes", "Free memory of a tier; 0 is the fastest.",
         [](const Tier &tier) { return tier.memory.free_bytes; });
}

void processes_text(const ProcessList &processes, Exposition &out)
{
    const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                          std::string_view unit, auto &&value) {
        out.family(name, type, help, unit);
        for (const ManagedProcess &process : processes.managed)
            out.sample(value(process.table),
                       {{"pid", std::to_string(process.pid)}, {"comm", process.name}});
    };
    each("sluice_process_resident_bytes", "gauge", "Managed memory of a process.", "bytes",
         [](const RangeTable &table) { return table.resident_bytes(); });
    each("sluice_process_fast_bytes", "gauge", "Of that, in the fast tier.", "bytes",
         [](const RangeTable &table) { return table.fast_bytes(); });
    each("sluice_process_ranges", "gauge", "Ranges of a process.", "",
         [](const RangeTable &table) { return uint64_t{table.ranges.size()}; });
    each("sluice_process_samples", "counter", "Samples of a process since it is managed.", "",
         [](const RangeTable &table) { return table.samples; });
}

}  // namespace

std::string open_metrics(const Knobs &knobs, const std::vector<Tier> &tiers,
                         const ProcessList &processes, const Counters &counters)
{
    Exposition out;
    out.family("sluice_enabled", "gauge", "1 if Sluice is on.");
    out.sample(is_enabled(knobs) ? 1 : 0);
    tiers_text(tiers, out);
    processes_text(processes, out);
    counters_text(counters, out);
    return std::move(out).end();
}

}  // namespace sluice
