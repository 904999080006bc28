// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/mappings.h"

#include "sluice/text.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace sluice {

namespace {

constexpr uint64_t smallest_mapping = 256 << 10;  // the kernel's own bound
constexpr size_t name_field = 5;

// "7f10c4000000-7f10c8000000 rw-p 00000000 00:00 0   [heap]"
std::optional<Mapping> parse_mapping(std::string_view line)
{
    const auto words = split_fields(line);
    if (words.size() < name_field || words[1].size() != 4)
        return std::nullopt;
    const size_t dash = words[0].find('-');
    if (dash == std::string_view::npos)
        return std::nullopt;
    const auto start = parse_number(words[0].substr(0, dash), 16);
    const auto end = parse_number(words[0].substr(dash + 1), 16);
    if (!start || !end || *start >= *end)
        return std::nullopt;
    Mapping mapping;
    mapping.start = *start;
    mapping.end = *end;
    mapping.permissions = words[1];
    if (words.size() > name_field)
        mapping.name = std::string(words[name_field].data(), line.data() + line.size());
    return mapping;
}

void add_detail(std::string_view line, Mapping &mapping)
{
    const auto words = split_fields(line);
    if (words.empty())
        return;
    if (words[0] == "Rss:" && words.size() > 1)
        mapping.resident_bytes = parse_number(words[1]).value_or(0) * 1024;
    else if (words[0] == "VmFlags:")
        for (size_t i = 1; i < words.size(); ++i)
            mapping.flags.emplace(words[i]);
}

}  // namespace

std::string Mapping::not_managed_because() const
{
    const auto has = [this](const char *flag) { return flags.contains(flag); };
    if (permissions.starts_with("--"))
        return "it can be neither read nor written";
    if (name.starts_with("[stack") || has("gd"))
        return "it is a stack";
    if (has("ht"))
        return "it is hugetlb memory";
    if (has("lo"))
        return "it is locked (mlock)";
    if (has("io") || has("pf") || has("de") || has("mm"))
        return "it belongs to a device or to the kernel";
    if (name.starts_with("/") && permissions[2] == 'x')
        return "it is program code";
    if (size() < smallest_mapping)
        return fmt::format("it is smaller than {} KiB", smallest_mapping >> 10);
    return {};
}

Result<std::vector<Mapping>> parse_smaps(std::string_view text)
{
    std::vector<Mapping> mappings;
    for (std::string_view line : split_lines(text)) {
        if (auto mapping = parse_mapping(line))
            mappings.push_back(std::move(*mapping));
        else if (!mappings.empty())
            add_detail(line, mappings.back());
        else
            return fail(Error{Code::failed, "parse", "/proc/PID/smaps",
                              "bad line: " + std::string(line), ""});
    }
    return mappings;
}

Result<std::vector<Mapping>> read_mappings(const Sysroot &root, int pid)
{
    const auto text = root.read(fmt::format("/proc/{}/smaps", pid));
    if (!text)
        return propagate(text);
    return parse_smaps(*text);
}

const Mapping *mapping_at(const std::vector<Mapping> &mappings, uint64_t address)
{
    const auto found = std::find_if(mappings.begin(), mappings.end(), [&](const Mapping &mapping) {
        return mapping.start <= address && address < mapping.end;
    });
    return found == mappings.end() ? nullptr : &*found;
}

Result<std::optional<int>> node_of_page(int pid, uint64_t address)
{
    const uint64_t page = address & ~uint64_t{4095};
    int status = 0;
    if (::syscall(SYS_move_pages, pid, 1UL, &page, nullptr, &status, 0) != 0)
        return fail(os_error("look up a page of", fmt::format("process {}", pid), errno));
    return status < 0 ? std::nullopt : std::optional(status);
}

}  // namespace sluice
