// SPDX-License-Identifier: GPL-2.0-or-later
// Memory nodes and the tiers that the kernel has sorted them into.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

struct NodeMemory {
    uint64_t total_bytes = 0;
    uint64_t free_bytes = 0;
};

// What is not known of a node has no value: the firmware did not tell.
struct MemoryNode {
    int id = 0;
    NodeMemory memory;
    uint64_t min_watermark_bytes = 0;  // below it, allocations fail or wait
    std::optional<uint64_t> read_latency_ns;
    std::optional<uint64_t> read_bandwidth_mib;  // MiB/s
};

struct Tier {
    int rank = 0;       // 0 is the fastest
    int kernel_id = 0;  // N of memory_tierN
    std::vector<int> nodes;
    NodeMemory memory;  // of all its nodes
};

Result<NodeMemory> parse_node_meminfo(std::string_view text);
// Pages up to the min watermarks of all zones of a node, by node.
std::map<int, uint64_t> parse_min_watermarks(std::string_view zoneinfo);
// The nodes that have memory, by number.
Result<std::vector<MemoryNode>> read_nodes(const Sysroot &root);
// Fastest first.
Result<std::vector<Tier>> read_tiers(const Sysroot &root);

}  // namespace sluice
