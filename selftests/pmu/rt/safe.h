// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions that may fault: the vector of the exception, or 0.
#pragma once

#include <stdint.h>

#include "rt/cpu.h"
#include "rt/descriptors.h"

namespace rt {

template <typename Do>
uint64_t fault_of(Do instruction)
{
    cpu().fault = {};
    instruction();
    return cpu().fault.vector;
}

inline uint64_t try_rdmsr(uint32_t msr, uint64_t &value)
{
    uint32_t low = 0, high = 0;
    const auto vector = fault_of([&] {
        asm volatile(FIXUP("rdmsr") : "+a"(low), "+d"(high) : "c"(msr) : "memory");
    });
    value = low | static_cast<uint64_t>(high) << 32;
    return vector;
}

inline uint64_t try_wrmsr(uint32_t msr, uint64_t value)
{
    return fault_of([&] {
        asm volatile(FIXUP("wrmsr")
                     :
                     : "c"(msr), "a"(static_cast<uint32_t>(value)),
                       "d"(static_cast<uint32_t>(value >> 32))
                     : "memory");
    });
}

inline uint64_t try_rdpmc(uint32_t selector, uint64_t &value)
{
    uint32_t low = 0, high = 0;
    const auto vector = fault_of([&] {
        asm volatile(FIXUP("rdpmc") : "+a"(low), "+d"(high) : "c"(selector) : "memory");
    });
    value = low | static_cast<uint64_t>(high) << 32;
    return vector;
}

}  // namespace rt
