// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions that C++ has no words for.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace rt {

inline void out8(uint16_t port, uint8_t value)
{
    asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

inline void out16(uint16_t port, uint16_t value)
{
    asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

inline void out32(uint16_t port, uint32_t value)
{
    asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

inline uint8_t in8(uint16_t port)
{
    uint8_t value;
    asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t low, high;
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
    return low | static_cast<uint64_t>(high) << 32;
}

inline void wrmsr(uint32_t msr, uint64_t value)
{
    asm volatile("wrmsr"
                 :
                 : "c"(msr), "a"(static_cast<uint32_t>(value)),
                   "d"(static_cast<uint32_t>(value >> 32))
                 : "memory");
}

inline uint64_t rdpmc(uint32_t selector)
{
    uint32_t low, high;
    asm volatile("rdpmc" : "=a"(low), "=d"(high) : "c"(selector) : "memory");
    return low | static_cast<uint64_t>(high) << 32;
}

inline uint64_t rdtsc()
{
    uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return low | static_cast<uint64_t>(high) << 32;
}

struct Cpuid {
    uint32_t eax, ebx, ecx, edx;
};

inline Cpuid cpuid(uint32_t leaf, uint32_t subleaf = 0)
{
    Cpuid r;
    asm volatile("cpuid"
                 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                 : "a"(leaf), "c"(subleaf));
    return r;
}

#define RT_CONTROL_REGISTER(name)                                   \
    inline uint64_t read_##name()                                   \
    {                                                               \
        uint64_t value;                                             \
        asm volatile("mov %%" #name ", %0" : "=r"(value));          \
        return value;                                               \
    }                                                               \
    inline void write_##name(uint64_t value)                        \
    {                                                               \
        asm volatile("mov %0, %%" #name : : "r"(value) : "memory"); \
    }
RT_CONTROL_REGISTER(cr0)
RT_CONTROL_REGISTER(cr3)
RT_CONTROL_REGISTER(cr4)
#undef RT_CONTROL_REGISTER

inline uint64_t read_cr2()
{
    uint64_t value;
    asm volatile("mov %%cr2, %0" : "=r"(value));
    return value;
}

inline void invlpg(uint64_t address)
{
    asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

inline void pause()
{
    asm volatile("pause" : : : "memory");
}

inline void enable_interrupts()
{
    asm volatile("sti" : : : "memory");
}

inline void disable_interrupts()
{
    asm volatile("cli" : : : "memory");
}

// Sleeps until an interrupt has come; interrupts are on while it sleeps only.
inline void sleep_until_interrupt()
{
    asm volatile("sti; hlt; cli" : : : "memory");
}

constexpr uint64_t bit(unsigned n)
{
    return 1ull << n;
}

}  // namespace rt
