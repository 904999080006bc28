// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/processes.h"

#include "sluice/text.h"

#include <fmt/format.h>

namespace sluice {

namespace {

// "7f00 default anon=3 dirty=3 N0=2 N1=1 kernelpagesize_kB=4"
bool add_mapping(std::string_view line, BytesByNode &bytes)
{
    BytesByNode pages;
    uint64_t page_kb = 4;
    for (std::string_view word : split_fields(line)) {
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
        bytes[node] += count * page_kb * 1024;
    return true;
}

}  // namespace

Result<BytesByNode> parse_numa_maps(std::string_view text)
{
    BytesByNode bytes;
    for (std::string_view line : split_lines(text))
        if (!add_mapping(line, bytes))
            return fail(
                Error{Code::failed, "parse", "numa_maps", "bad line: " + std::string(line), {}});
    return bytes;
}

Result<BytesByNode> read_node_bytes(const Sysroot &root, int pid)
{
    const auto text = root.read(fmt::format("/proc/{}/numa_maps", pid));
    if (!text)
        return propagate(text);
    return parse_numa_maps(*text);
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
