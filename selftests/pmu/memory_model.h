// SPDX-License-Identifier: GPL-2.0-or-later
// The emulator's memory model, as its documentation declares it (docs/system/i386/pmu.rst in the
// QEMU series): tests of it begin with model_, and depend on these figures.
#pragma once

#include "pebs.h"
#include "rt/options.h"

namespace model {

constexpr uint64_t kCyclesPerMicrosecond = 2000;
constexpr uint64_t kL1Cycles = 5;
constexpr uint64_t kL3Cycles = 40;
constexpr uint64_t kCacheSize = 4 << 20;

inline uint64_t node_cycles(unsigned node)
{
    return rt::options().node[node].latency_ns * kCyclesPerMicrosecond / 1000;
}

// Data sources of loads, as Linux reads them.
enum Source : uint64_t { kL1 = 1, kL3 = 4, kLocal = 0xa, kRemote = 0xb };

inline Source memory_source(unsigned node)
{
    return node == 0 ? kLocal : kRemote;
}

// One word of each of so many pages.
constexpr unsigned kPages = 64;
extern "C" void load_each_page(void *first);
extern "C" char load_each_page_load[];

// Loads one word of each of Walk.count lines; 2 more for the Walk, 1 for RET.
extern "C" void load_each_line(void *walk);
constexpr uint64_t kLineSize = 64;
constexpr uint64_t kPageLines = rt::kPageSize / kLineSize;

// Whatever was in the caches is not any more, as far as this CPU is concerned.
void evict();

}  // namespace model
