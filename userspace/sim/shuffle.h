// SPDX-License-Identifier: GPL-2.0-or-later
// A seeded permutation of 0..n-1 that takes no memory: a Feistel network, walked until it lands
// below n.
#pragma once

#include "workload/random.h"

#include <bit>
#include <cstdint>

namespace sluice {

class Shuffle {
public:
    Shuffle(uint64_t n, uint64_t seed) : n_(n), seed_(seed)
    {
        const int bits = n > 1 ? 64 - std::countl_zero(n - 1) : 1;
        half_ = static_cast<unsigned>(bits + 1) / 2;
        mask_ = (uint64_t{1} << half_) - 1;
    }

    uint64_t size() const { return n_; }
    uint64_t operator()(uint64_t i) const
    {
        do
            i = once(i);
        while (i >= n_);
        return i;
    }

private:
    uint64_t once(uint64_t i) const
    {
        uint64_t left = i >> half_, right = i & mask_;
        for (uint64_t round = 0; round < 4; ++round) {
            const uint64_t next = left ^ (mix(right + (round << 56) + seed_) & mask_);
            left = right;
            right = next;
        }
        return left << half_ | right;
    }

    uint64_t n_;
    uint64_t seed_;
    unsigned half_;
    uint64_t mask_;
};

}  // namespace sluice
