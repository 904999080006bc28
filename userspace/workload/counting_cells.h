// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that counts its own updates, so that a lost one is seen.
#pragma once

#include "workload/random.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace sluice {

// Of an odd number modulo 2^64; each step of Newton's doubles the bits that are right.
constexpr uint64_t inverse(uint64_t x)
{
    uint64_t y = x;
    for (int step = 0; step < 5; ++step)
        y *= 2 - x * y;
    return y;
}

// A cell holds base(i) + n * odd, n being how often it was updated. As odd is odd, every value has
// exactly one n: a cell whose n is above the number of all updates was not written by us, and the
// sum of all n must be that number, so an update that was lost in a copied page is missed as well.
class CountingCells {
public:
    explicit CountingCells(uint64_t seed) : salt_(mix(seed)) {}

    void fill(std::span<uint64_t> cells) const
    {
        for (uint64_t i = 0; i < cells.size(); ++i)
            cells[i] = base(i);
    }

    static void update(uint64_t &cell) { cell += odd; }

    // Of cells that were filled and then updated so many times in all.
    uint64_t corrupt_bytes(std::span<const uint64_t> cells, uint64_t updates) const
    {
        uint64_t bad_cells = 0, seen = 0;
        for (uint64_t i = 0; i < cells.size(); ++i) {
            const uint64_t count = (cells[i] - base(i)) * inverse(odd);
            if (count > updates)
                ++bad_cells;
            else
                seen += count;
        }
        // The updates of a bad cell are unknown; only without bad cells must the sum be right.
        const uint64_t astray = bad_cells ? 0 : std::max(seen, updates) - std::min(seen, updates);
        return (bad_cells + astray) * sizeof(uint64_t);
    }

private:
    static constexpr uint64_t odd = 0x9e3779b97f4a7c15;
    static_assert(odd * inverse(odd) == 1);

    uint64_t base(uint64_t cell) const { return mix(cell ^ salt_); }

    uint64_t salt_;
};

}  // namespace sluice
