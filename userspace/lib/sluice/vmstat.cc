// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/vmstat.h"

#include "sluice/text.h"

namespace sluice {

Result<Counters> parse_vmstat(std::string_view text, std::string_view prefix)
{
    Counters counters;
    for (std::string_view line : split_lines(text)) {
        const auto fields = split_fields(line);
        if (fields.empty() || !fields[0].starts_with(prefix))
            continue;
        const auto value = fields.size() == 2 ? parse_number(fields[1]) : std::nullopt;
        if (!value)
            return fail(
                Error{Code::failed, "parse", "/proc/vmstat", "bad line: " + std::string(line), {}});
        counters.emplace(fields[0], *value);
    }
    return counters;
}

Result<Counters> read_sluice_counters(const Sysroot &root)
{
    const auto text = root.read("/proc/vmstat");
    if (!text)
        return propagate(text);
    auto counters = parse_vmstat(*text);
    if (counters && counters->empty())
        return fail(Error{Code::missing, "find the sluice_* counters in", "/proc/vmstat",
                          "this kernel has none", "boot a kernel built with CONFIG_SLUICE=y"});
    return counters;
}

Result<uint64_t> read_context_switches(const Sysroot &root)
{
    const auto text = root.read("/proc/stat");
    if (!text)
        return propagate(text);
    for (std::string_view line : split_lines(*text)) {
        const auto words = split_fields(line);
        if (words.size() == 2 && words[0] == "ctxt")
            if (const auto count = parse_number(words[1]))
                return *count;
    }
    return fail(Error{Code::failed, "parse", "/proc/stat", "no line \"ctxt\"", {}});
}

uint64_t value_of(const Counters &counters, std::string_view name)
{
    const auto found = counters.find(name);
    return found == counters.end() ? 0 : found->second;
}

Counters difference(const Counters &after, const Counters &before)
{
    Counters delta;
    for (const auto &[name, value] : after)
        delta.emplace(name, value - value_of(before, name));
    return delta;
}

Counters with_prefix(const Counters &counters, std::string_view prefix)
{
    Counters selected;
    for (const auto &[name, value] : counters)
        if (name.starts_with(prefix))
            selected.emplace(name.substr(prefix.size()), value);
    return selected;
}

uint64_t sum(const Counters &counters)
{
    uint64_t total = 0;
    for (const auto &[name, value] : counters)
        total += value;
    return total;
}

SampleAccount account_of(const Counters &counters)
{
    SampleAccount account;
    account.records = value_of(counters, "sluice_records");
    account.classified = value_of(counters, "sluice_classified");
    account.dropped = with_prefix(counters, "sluice_drop_");
    account.dropped_total = sum(account.dropped);
    account.in_flight =
        static_cast<int64_t>(account.records - account.classified - account.dropped_total);
    return account;
}

}  // namespace sluice
