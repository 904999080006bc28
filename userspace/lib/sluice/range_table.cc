// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/range_table.h"

#include "sluice/text.h"

#include <numeric>
#include <optional>

namespace sluice {

namespace {

constexpr std::string_view columns = "start-end count_milli resident_kb fast_kb age tier";
constexpr double mib = 1 << 20;

Error bad_table(std::string_view line)
{
    return Error{Code::failed, "parse", "the table of /proc/PID/sluice",
                 "bad line: " + std::string(line), "use the tools that belong to this kernel"};
}

// "managed ranges R samples S epoch E capacity_kb C"
bool parse_header(std::string_view line, RangeTable &table, uint64_t &nr_ranges)
{
    const auto words = split_fields(line);
    if (words.size() != 9 || words[0] != "managed")
        return false;
    bool complete = true;
    const auto take = [&](size_t at, std::string_view name) {
        const auto value = parse_number(words[at + 1]);
        complete = complete && words[at] == name && value;
        return value.value_or(0);
    };
    nr_ranges = take(1, "ranges");
    table.samples = take(3, "samples");
    table.epoch = take(5, "epoch");
    table.capacity_bytes = take(7, "capacity_kb") * 1024;
    return complete;
}

std::optional<Range> parse_range(std::string_view line)
{
    const auto words = split_fields(line);
    if (words.size() != 6)
        return std::nullopt;
    const size_t dash = words[0].find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto start = parse_number(words[0].substr(0, dash), 16);
    const auto end = parse_number(words[0].substr(dash + 1), 16);
    const auto count = parse_number(words[1]);
    const auto resident = parse_number(words[2]);
    const auto fast = parse_number(words[3]);
    const auto age = parse_number(words[4]);
    const auto tier = parse_number(words[5]);
    if (!start || !end || *start >= *end || !count || !resident || !fast || !age || !tier)
        return std::nullopt;
    return Range{
        *start, *end, *count, *resident * 1024, *fast * 1024, *age, static_cast<int>(*tier)};
}

}  // namespace

double Range::samples_per_mib() const
{
    return resident_bytes == 0 ? 0.0 : count_milli / 1000.0 / (resident_bytes / mib);
}

uint64_t RangeTable::resident_bytes() const
{
    return std::accumulate(ranges.begin(), ranges.end(), uint64_t{0},
                           [](uint64_t sum, const Range &r) { return sum + r.resident_bytes; });
}

uint64_t RangeTable::fast_bytes() const
{
    return std::accumulate(ranges.begin(), ranges.end(), uint64_t{0},
                           [](uint64_t sum, const Range &r) { return sum + r.fast_bytes; });
}

Result<RangeTable> parse_range_table(std::string_view text)
{
    const auto lines = split_lines(text);
    RangeTable table;
    if (lines.size() == 1 && trim(lines[0]) == "unmanaged")
        return table;
    uint64_t nr_ranges = 0;
    if (lines.size() < 2 || !parse_header(lines[0], table, nr_ranges))
        return fail(bad_table(lines.empty() ? "(nothing)" : lines[0]));
    if (trim(lines[1]) != columns)
        return fail(bad_table(lines[1]));
    table.managed = true;
    for (size_t i = 2; i < lines.size(); ++i) {
        const auto range = parse_range(lines[i]);
        if (!range)
            return fail(bad_table(lines[i]));
        table.ranges.push_back(*range);
    }
    if (table.ranges.size() != nr_ranges)
        return fail(bad_table(lines[0]));
    return table;
}

}  // namespace sluice
