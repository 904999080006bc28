// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/apic.h"

#include "rt/cpu.h"
#include "rt/x86.h"

namespace rt {

namespace {

constexpr uint64_t kApicBase = 0xfee00000;
constexpr uint32_t kMsrApicBase = 0x1b;
constexpr uint32_t kMsrX2Apic = 0x800;
constexpr uint32_t kMsrX2ApicIcr = 0x830;
constexpr uint64_t kEnabled = bit(11);
constexpr uint64_t kX2ApicEnabled = bit(10);

constexpr uint32_t kInit = 0x4500;
constexpr uint32_t kStartup = 0x4600;
constexpr uint32_t kFixed = 0x4000;
constexpr uint32_t kAllOthers = 3u << 18;

volatile uint32_t *mapped(ApicRegister reg)
{
    return reinterpret_cast<volatile uint32_t *>(kApicBase + reg);
}

void send(uint32_t destination, uint32_t command)
{
    if (cpu().x2apic) {
        wrmsr(kMsrX2ApicIcr, static_cast<uint64_t>(destination) << 32 | command);
        return;
    }
    *mapped(kApicIcrHigh) = destination << 24;
    *mapped(kApicIcrLow) = command;
}

}  // namespace

uint32_t initial_apic_id()
{
    return cpuid(1).ebx >> 24;
}

uint32_t apic_read(ApicRegister reg)
{
    if (cpu().x2apic)
        return static_cast<uint32_t>(rdmsr(kMsrX2Apic + (reg >> 4)));
    return *mapped(reg);
}

void apic_write(ApicRegister reg, uint32_t value)
{
    if (cpu().x2apic)
        wrmsr(kMsrX2Apic + (reg >> 4), value);
    else
        *mapped(reg) = value;
}

void enable_apic()
{
    cpu().x2apic = false;
    apic_write(kApicSpurious, 0x100 | kSpurious);
}

// There is no way back from x2APIC but through the disabled state.
void switch_apic(bool x2apic)
{
    const uint64_t base = rdmsr(kMsrApicBase) & ~(kEnabled | kX2ApicEnabled);
    wrmsr(kMsrApicBase, base);
    wrmsr(kMsrApicBase, base | kEnabled);
    if (x2apic)
        wrmsr(kMsrApicBase, base | kEnabled | kX2ApicEnabled);
    cpu().x2apic = x2apic;
    apic_write(kApicSpurious, 0x100 | kSpurious);
}

void end_of_interrupt()
{
    apic_write(kApicEoi, 0);
}

bool interrupt_requested(uint8_t vector)
{
    const auto reg = static_cast<ApicRegister>(kApicIrr + vector / 32 * 0x10);
    return apic_read(reg) >> vector % 32 & 1;
}

void send_ipi(uint32_t apic_id, uint8_t vector)
{
    send(apic_id, kFixed | vector);
}

void send_init(uint32_t apic_id)
{
    send(apic_id, kInit);
}

void send_startup(uint32_t apic_id, uint8_t page)
{
    send(apic_id, kStartup | page);
}

void send_init_to_others()
{
    send(0, kAllOthers | kInit);
}

void send_startup_to_others(uint8_t page)
{
    send(0, kAllOthers | kStartup | page);
}

}  // namespace rt
