// SPDX-License-Identifier: GPL-2.0-or-later
// Segments, the interrupt table, and what happens on an interrupt.
#pragma once

#include "rt/cpu.h"

namespace rt {

constexpr uint16_t kKernelCode = 0x08;
constexpr uint16_t kKernelData = 0x10;
constexpr uint16_t kUserData = 0x23;
constexpr uint16_t kUserCode = 0x2b;

// GDT, TSS and IDT of this processor; from here on cpu() works.
void load_descriptors(Cpu &self);

// FIXUP("wrmsr") in an asm statement: an exception there is noted in cpu().fault, and execution
// goes on behind the instruction.
#define FIXUP(instruction)          \
    "661: " instruction             \
    "\n662:\n"                      \
    ".pushsection .fixups, \"a\"\n" \
    ".quad 661b, 662b\n"            \
    ".popsection\n"

}  // namespace rt
