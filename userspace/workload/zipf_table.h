// SPDX-License-Identifier: GPL-2.0-or-later
// Zipf's law by table: two look-ups in a small table instead of floating point for each draw.
#pragma once

#include "workload/random.h"

#include <cstdint>
#include <vector>

namespace sluice {

// Rank 0 is the most popular. The ranks are cut into parts of equal probability, and within a part
// they are alike: popular ranks have a part, or many, of their own.
class ZipfTable {
public:
    ZipfTable(uint64_t ranks, double theta);

    uint64_t next(Random &random) const
    {
        const uint64_t part = random.next() >> (64 - part_bits);
        return bounds_[part] + random.below(bounds_[part + 1] - bounds_[part] + 1);
    }

private:
    static constexpr unsigned part_bits = 12;
    std::vector<uint32_t> bounds_;  // the last rank of a part is the first of the next one
};

}  // namespace sluice
