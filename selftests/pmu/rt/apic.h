// SPDX-License-Identifier: GPL-2.0-or-later
// The local APIC, as memory (xAPIC) or as MSRs (x2APIC).
#pragma once

#include <stdint.h>

namespace rt {

enum ApicRegister : uint32_t {
    kApicId = 0x020,
    kApicEoi = 0x0b0,
    kApicSpurious = 0x0f0,
    kApicIrr = 0x200,  // 8 registers of 32 bits, 0x10 apart
    kApicIcrLow = 0x300,
    kApicIcrHigh = 0x310,
    kApicLvtTimer = 0x320,
    kApicLvtPerf = 0x340,
};

constexpr uint32_t kLvtNmi = 4u << 8;
constexpr uint32_t kLvtMasked = 1u << 16;

uint32_t initial_apic_id();
void enable_apic();             // in xAPIC mode
void switch_apic(bool x2apic);  // of this CPU; its registers are as after reset
uint32_t apic_read(ApicRegister reg);
void apic_write(ApicRegister reg, uint32_t value);
void end_of_interrupt();
bool interrupt_requested(uint8_t vector);

void send_ipi(uint32_t apic_id, uint8_t vector);
void send_init(uint32_t apic_id);
void send_startup(uint32_t apic_id, uint8_t page);
void send_init_to_others();
void send_startup_to_others(uint8_t page);

}  // namespace rt
