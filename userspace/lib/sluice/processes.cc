// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/processes.h"

#include "sluice/text.h"

#include <fmt/format.h>

namespace sluice {

namespace {

// What the words of a line are, without a value: "heap", "stack"; a file has one.
std::string kind_of(const std::vector<std::string_view> &words)
{
    for (std::string_view word : words) {
        if (word == "heap" || word == "stack")
            return std::string(word);
        if (word == "huge")
            return "hugetlb";
        if (word.starts_with("file="))
            return "file";
    }
    return "anonymous";
}

// "7f00 default anon=3 dirty=3 N0=2 N1=1 kernelpagesize_kB=4"
bool add_mapping(std::string_view line, BytesByKind &kinds)
{
    BytesByNode pages;
    uint64_t page_kb = 4;
    const auto words = split_fields(line);
    for (std::string_view word : words) {
        const size_t equals = word.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view name = word.substr(0, equals);
        const auto value = parse_number(word.substr(equals + 1));
        if (name == "kernelpagesize_kB") {
            if (!value)
                return false;
            page_kb = *value;
        } else if (name.size() > 1 && name[0] == 'N') {
            const auto node = parse_number(name.substr(1));
            if (!node || !value)
                return false;
            pages[static_cast<int>(*node)] += *value;
        }
    }
    for (const auto &[node, count] : pages)
        kinds[kind_of(words)][node] += count * page_kb * 1024;
    return true;
}

}  // namespace

Result<BytesByKind> parse_numa_kinds(std::string_view text)
{
    BytesByKind kinds;
    for (std::string_view line : split_lines(text))
        if (!add_mapping(line, kinds))
            return fail(
                Error{Code::failed, "parse", "numa_maps", "bad line: " + std::string(line), {}});
    return kinds;
}

BytesByNode sum_of_kinds(const BytesByKind &kinds)
{
    BytesByNode sum;
    for (const auto &[kind, nodes] : kinds)
        for (const auto &[node, bytes] : nodes)
            sum[node] += bytes;
    return sum;
}

Result<BytesByNode> parse_numa_maps(std::string_view text)
{
    const auto kinds = parse_numa_kinds(text);
    if (!kinds)
        return propagate(kinds);
    return sum_of_kinds(*kinds);
}

Result<BytesByKind> read_node_kinds(const Sysroot &root, int pid)
{
    const auto text = root.read(fmt::format("/proc/{}/numa_maps", pid));
    if (!text)
        return propagate(text);
    return parse_numa_kinds(*text);
}

Result<BytesByNode> read_node_bytes(const Sysroot &root, int pid)
{
    const auto kinds = read_node_kinds(root, pid);
    if (!kinds)
        return propagate(kinds);
    return sum_of_kinds(*kinds);
}

Result<std::string> read_process_name(const Sysroot &root, int pid)
{
    const auto name = root.read(fmt::format("/proc/{}/comm", pid));
    if (name)
        return std::string(trim(*name));
    Error error = name.error();
    if (error.code != Code::missing)
        error = {Code::failed, "find", fmt::format("process {}", pid), "there is no such process",
                 "sluice status lists those that are managed"};
    return fail(error);
}

Result<ManagedProcess> read_process(const Sysroot &root, int pid)
{
    const auto text = root.read(fmt::format("/proc/{}/sluice", pid));
    if (!text)
        return propagate(text);
    auto table = parse_range_table(*text);
    if (!table)
        return propagate(table);
    const auto name = root.read(fmt::format("/proc/{}/comm", pid));
    return ManagedProcess{pid, name ? std::string(trim(*name)) : "?", std::move(*table)};
}

// Processes come and go while we look: one that has gone is no error, one that is refused is
// counted, and a table that cannot be understood is an error.
Result<ProcessList> read_managed_processes(const Sysroot &root)
{
    const auto names = root.list("/proc");
    if (!names)
        return propagate(names);
    ProcessList list;
    for (const std::string &name : *names) {
        const auto pid = parse_number(name);
        const std::string path = fmt::format("/proc/{}/sluice", name);
        if (!pid)
            continue;
        const auto text = root.read(path);
        if (!text) {
            list.unreadable += text.error().code == Code::missing;
            continue;
        }
        if (trim(*text) == "unmanaged" || trim(*text).empty())
            continue;
        auto process = read_process(root, static_cast<int>(*pid));
        if (!process && !root.exists(path))
            continue;
        if (!process)
            return propagate(process);
        if (process->table.managed)
            list.managed.push_back(std::move(*process));
    }
    return list;
}

}  // namespace sluice
