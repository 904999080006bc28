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

Result<BytesByNode> parse_numa_maps(std::string_view text);
Result<BytesByNode> read_node_bytes(const Sysroot &root, int pid);

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
