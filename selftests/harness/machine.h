// SPDX-License-Identifier: GPL-2.0-or-later
// A machine as vm-images/machines/NAME.json describes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/result.h"

namespace harness {

// One NUMA node. Latency and bandwidth are as seen by the machine's vCPUs; they
// reach the guest and the emulated PMU through ACPI's HMAT.
struct Node {
    uint64_t memory_mib = 0;
    std::string cpus;  // "0-1"; empty: memory only
    unsigned latency_ns = 0;
    unsigned bandwidth_gib = 0;
};

struct Machine {
    std::string name;
    std::string description;
    unsigned vcpus = 0;
    std::string cpu;  // QEMU's name for the CPU model
    bool pmu = false;
    std::vector<Node> nodes;

    uint64_t memory_mib() const;
};

Result<Machine> parse_machine(const std::string &name, std::string_view json);

// As many vCPUs as asked for, and room for so many, all on node 0.
Result<void> set_vcpus(Machine &machine, unsigned vcpus, unsigned room = 0);

// "256,1024": new sizes in MiB, one for each node.
Result<void> resize(Machine &machine, std::string_view sizes);

// KASAN keeps a byte for each eight, which Linux takes from the first node at boot, and what was
// freed for a while; kmemleak writes a record for each allocation. Without more memory, that node
// would have none left for tests.
void add_memory_for_kasan(Machine &machine);

}  // namespace harness
