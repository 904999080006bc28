// SPDX-License-Identifier: GPL-2.0-or-later
// A number in memory that shows whether it is the one that was last written to its place.
#pragma once

#include "workload/random.h"

#include <cstdint>

namespace sluice {

// The upper half follows from the value, from where it is and from when it was written: a page that
// is lost, mixed up with another one or of an earlier time does not fit.
class Checked {
public:
    void set(uint32_t value, uint64_t place, uint64_t time)
    {
        word_ = uint64_t{check(value, place, time)} << 32 | value;
    }
    uint32_t value() const { return static_cast<uint32_t>(word_); }
    bool good(uint64_t place, uint64_t time) const
    {
        return word_ >> 32 == check(value(), place, time);
    }

private:
    static uint32_t check(uint32_t value, uint64_t place, uint64_t time)
    {
        constexpr uint64_t odd = 0x9e3779b97f4a7c15;
        // mix(0) is 0: memory that was never written is not to be good.
        return static_cast<uint32_t>(mix((place << 32 | value) ^ (time * odd + odd)) >> 32);
    }

    uint64_t word_ = 0;
};

}  // namespace sluice
