// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of processes: their ranges, and which nodes their pages are on.
#pragma once

#include "sluice/range_table.h"
#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

using BytesByNode = std::map<int, uint64_t>;

// What a process has in memory, by what it is ("heap", "stack", "file", "anonymous") and node.
using BytesByKind = std::map<std::string, BytesByNode>;

Result<BytesByKind> parse_numa_kinds(std::string_view text);
Result<BytesByNode> parse_numa_maps(std::string_view text);  // all kinds together
BytesByNode sum_of_kinds(const BytesByKind &kinds);
Result<BytesByKind> read_node_kinds(const Sysroot &root, int pid);
Result<BytesByNode> read_node_bytes(const Sysroot &root, int pid);

// The error says so if there is no such process.
Result<std::string> read_process_name(const Sysroot &root, int pid);

struct ManagedProcess {
    int pid = 0;
    std::string name;
    RangeTable table;
};

struct ProcessList {
    std::vector<ManagedProcess> managed;
    uint64_t unreadable = 0;  // refused by the kernel: not ours, or not root
};

Result<ManagedProcess> read_process(const Sysroot &root, int pid);
Result<ProcessList> read_managed_processes(const Sysroot &root);

}  // namespace sluice
