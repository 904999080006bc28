// SPDX-License-Identifier: GPL-2.0-or-later
// What tests of the classifier give it, and what they look at.
#pragma once

#include "kernel.h"

namespace unit {

constexpr u64 kOne = 1ULL << SLUICE_COUNT_SHIFT;
constexpr u64 kBase = 1_TiB;

// nr samples, evenly spread over [start, start + len).
inline Entries even(u64 start, u64 len, unsigned nr)
{
    Entries samples;
    for (unsigned i = 0; i < nr; i++)
        samples.push_back(start + len / nr * i + len / nr / 2);
    return samples;
}

inline Entries operator+(Entries a, const Entries &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

inline std::vector<std::pair<u64, u64>> bounds(Ranges &ranges)
{
    std::vector<std::pair<u64, u64>> result;
    for (const sluice_range &range : ranges.all())
        result.emplace_back(range.start, range.end);
    return result;
}

using Bounds = std::vector<std::pair<u64, u64>>;

}  // namespace unit
