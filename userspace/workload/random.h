// SPDX-License-Identifier: GPL-2.0-or-later
// A seeded generator: a run with the same seed makes the same accesses on every machine.
#pragma once

#include <cstdint>

namespace sluice {

// A bijection of 64 bits that leaves no pattern (the finalizer of splitmix64).
constexpr uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

class Random {
public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15); }
    // 0 <= x < bound, by multiplication: no division, and a bias below bound / 2^64.
    uint64_t below(uint64_t bound)
    {
        return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
    }
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // 0 <= x < 1

    // True with the chance of which `threshold` was made: no floating point, which is slow in an
    // emulator.
    bool hit(uint64_t threshold) { return next() < threshold; }

private:
    uint64_t state_;
};

// For Random::hit(): 0 is never, 1 is always but for a chance of 2^-64.
constexpr uint64_t threshold_of(double chance)
{
    return chance >= 1 ? ~uint64_t{0} : static_cast<uint64_t>(chance * 0x1p64);
}

}  // namespace sluice
