// SPDX-License-Identifier: GPL-2.0-or-later
// The table of /proc/PID/sluice: the ranges of one address space.
#pragma once

#include "sluice/result.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sluice {

struct Range {
    uint64_t start = 0;
    uint64_t end = 0;
    uint64_t count_milli = 0;  // decayed samples, times 1000
    uint64_t resident_bytes = 0;
    uint64_t fast_bytes = 0;
    uint64_t age = 0;  // epochs since the range came to be
    int tier = 0;      // where placement wants it; 0 is the fastest

    uint64_t size() const { return end - start; }
    double samples_per_mib() const;  // of resident memory: what placement ranks by
};

struct RangeTable {
    bool managed = false;
    uint64_t samples = 0;
    uint64_t epoch = 0;
    uint64_t capacity_bytes = 0;  // of the fast tier, for all processes together
    std::vector<Range> ranges;

    uint64_t resident_bytes() const;
    uint64_t fast_bytes() const;
};

Result<RangeTable> parse_range_table(std::string_view text);

}  // namespace sluice
