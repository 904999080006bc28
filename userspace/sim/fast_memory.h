// SPDX-License-Identifier: GPL-2.0-or-later
// Which addresses of a process are in the fast tier: intervals, so that 64 TiB cost no more than 64
// MiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice {

class FastMemory {
public:
    bool contains(uint64_t address) const;
    uint64_t bytes_in(uint64_t start, uint64_t end) const;
    uint64_t bytes() const { return bytes_; }
    size_t intervals() const { return intervals_.size(); }

    // Both work from low to high addresses and return how many bytes they changed.
    uint64_t add(uint64_t start, uint64_t end, uint64_t most);
    uint64_t remove(uint64_t start, uint64_t end, uint64_t most);

private:
    struct Interval {
        uint64_t start;
        uint64_t end;
    };
    // The first interval that ends above the address.
    size_t first_above(uint64_t address) const;
    void join(size_t at);

    std::vector<Interval> intervals_;  // sorted, disjoint, not touching
    uint64_t bytes_ = 0;
};

}  // namespace sluice
