// SPDX-License-Identifier: GPL-2.0-or-later
// Memory nodes and the tiers that the kernel has sorted them into.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice {

struct NodeMemory {
    uint64_t total_bytes = 0;
    uint64_t free_bytes = 0;
};

struct Tier {
    int rank = 0;       // 0 is the fastest
    int kernel_id = 0;  // N of memory_tierN
    std::vector<int> nodes;
    NodeMemory memory;  // of all its nodes
};

Result<NodeMemory> parse_node_meminfo(std::string_view text);
// Fastest first.
Result<std::vector<Tier>> read_tiers(const Sysroot &root);

}  // namespace sluice
