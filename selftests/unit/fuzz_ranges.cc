// SPDX-License-Identifier: GPL-2.0-or-later
// libFuzzer: the input is the numbers that decide what happens to the ranges.
#include <cstdlib>
#include <cstring>

#include "ranges_random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auto next = [&](u64 bound) -> u64 {
        u64 value = 0;
        size_t n = std::min(size, bound > 0xffff ? sizeof(value) : sizeof(uint16_t));
        std::memcpy(&value, data, n);
        data += n;
        size -= n;
        return bound ? value % bound : 0;
    };
    unit::abuse_ranges(next, 10);
    if (testing::Test::HasFailure())
        std::abort();
    return 0;
}
