// SPDX-License-Identifier: GPL-2.0-or-later
// What the machine and this run are, from the command line of the kernel:
//   vcpus=2 nodes=256/69,1024/177 virtual_time group=main test=msr.
#pragma once

#include <stdint.h>

namespace rt {

struct MemoryNode {
    uint64_t start, size;
    uint64_t latency_ns;
};

struct Options {
    unsigned vcpus = 1;
    bool virtual_time = false;
    bool idle = false;  // leave the PMU alone: for group speed
    char group[32] = "main";
    char test[64] = "";  // only tests whose name begins with this
    unsigned nodes = 0;
    MemoryNode node[4] = {};
};

void parse_options(uint64_t start_info);
const Options &options();

bool equal(const char *a, const char *b);
bool begins_with(const char *s, const char *prefix);

}  // namespace rt
