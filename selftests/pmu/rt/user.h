// SPDX-License-Identifier: GPL-2.0-or-later
// Ring 3, and snippets: short code in assembly whose instructions can be counted.
#pragma once

#include <stdint.h>

#include "rt/cpu.h"
#include "rt/memory.h"

// SNIPPET(name, "code"): code(void *argument in rdi) that may use every register but rsp, and ends
// with RET. The kernel can call it, and ring 3 too.
#define SNIPPET(name, code)                \
    extern "C" void name(void *argument);  \
    asm(".pushsection .snippets, \"ax\"\n" \
        ".globl " #name "\n" #name ":\n" code "\n.popsection\n")

namespace rt {

using Snippet = void (*)(void *);

// Runs it in ring 3 until its RET (vector kUserExit) or an exception.
Fault run_user(Snippet snippet, void *argument = nullptr);

// The same with another page table while in ring 3.
Fault run_user_in(uint64_t table, Snippet snippet, void *argument = nullptr);

}  // namespace rt
