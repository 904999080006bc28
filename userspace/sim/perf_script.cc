// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/perf_script.h"

#include "sluice/text.h"

#include <algorithm>
#include <map>
#include <optional>

namespace sluice {

namespace {

constexpr uint64_t align = uint64_t{2} << 20;
constexpr uint64_t largest_gap = uint64_t{64} << 20;
constexpr uint64_t end_of_user_space = uint64_t{1} << 56;

struct Line {
    uint64_t pid = 0;
    std::string name;
    Access access;
};

// "331.063210:", in seconds, with as many digits as perf was asked for.
std::optional<uint64_t> time_of(std::string_view field)
{
    const size_t dot = field.find('.');
    if (dot == std::string_view::npos || !field.ends_with(':'))
        return {};
    std::string fraction(field.substr(dot + 1, field.size() - dot - 2));
    fraction.resize(9, '0');
    const auto seconds = parse_number(field.substr(0, dot)), ns = parse_number(fraction);
    if (!seconds || !ns)
        return {};
    return *seconds * 1'000'000'000 + *ns;
}

// Where the pid is: before the time, with or without a thread and a CPU in between.
std::optional<size_t> pid_before(const std::vector<std::string_view> &fields, size_t time)
{
    size_t at = time - 1;
    if (at > 0 && fields[at].starts_with('['))
        --at;
    if (!parse_number(fields[at].substr(0, fields[at].find('/'))))
        return {};
    return at;
}

// "name with blanks   412/413 [001]   331.063210:   event:   7f10c4000000"; all but pid, time and
// address may be missing.
std::optional<Line> parse_line(std::string_view text)
{
    const auto fields = split_fields(text);
    for (size_t at = 1; at + 1 < fields.size(); ++at) {
        const auto time = time_of(fields[at]);
        const auto pid = time ? pid_before(fields, at) : std::nullopt;
        if (!pid)
            continue;  // a name may look like a time
        const auto address = parse_number(fields.back(), 16);
        if (!address || *address == 0 || *address >= end_of_user_space)
            return {};
        Line line{
            *parse_number(fields[*pid].substr(0, fields[*pid].find('/'))), "", {*time, *address}};
        for (size_t i = 0; i < *pid; ++i)
            line.name += (i ? " " : "") + std::string(fields[i]);
        return line;
    }
    return {};
}

std::vector<std::pair<uint64_t, uint64_t>> spans_of(const std::vector<Access> &accesses)
{
    std::vector<uint64_t> addresses;
    for (const Access &access : accesses)
        addresses.push_back(access.address);
    std::ranges::sort(addresses);
    std::vector<std::pair<uint64_t, uint64_t>> spans;
    for (const uint64_t address : addresses) {
        const uint64_t start = address / align * align;
        if (spans.empty() || start > spans.back().second + largest_gap)
            spans.emplace_back(start, start + align);
        else
            spans.back().second = start + align;
    }
    return spans;
}

}  // namespace

Result<PerfScript> parse_perf_script(std::string_view text, const std::string &path)
{
    std::map<uint64_t, Program> programs;
    PerfScript result;
    uint64_t first = ~uint64_t{0};
    for (const std::string_view line : split_lines(text)) {
        auto parsed = parse_line(line);
        if (!parsed) {
            ++result.left_out;
            continue;
        }
        Program &program = programs[parsed->pid];
        program.pid = parsed->pid;
        program.name = std::move(parsed->name);
        program.accesses.push_back(parsed->access);
        first = std::min(first, parsed->access.time_ns);
    }
    if (programs.empty())
        return fail(Error{Code::failed, "parse", path, "no line has a pid, a time and an address",
                          "perf script -F comm,pid,time,addr, of what perf mem record wrote"});
    for (auto &[pid, program] : programs) {
        std::ranges::stable_sort(program.accesses, {}, &Access::time_ns);
        for (Access &access : program.accesses)
            access.time_ns -= first;
        program.spans = spans_of(program.accesses);
        result.programs.push_back(std::move(program));
    }
    return result;
}

}  // namespace sluice
