// SPDX-License-Identifier: GPL-2.0-or-later
#include "memory_model.h"

#include "rt/user.h"

SNIPPET(load_each_page, R"(
    mov $64, %ecx
    .globl load_each_page_load
load_each_page_load:
1:  mov (%rdi), %rax
    add $4096, %rdi
    dec %rcx
    jnz 1b
    ret
)");

SNIPPET(load_each_line, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rdi
1:  mov (%rdi), %rax
    add $64, %rdi
    dec %rcx
    jnz 1b
    ret
)");

namespace model {

using namespace rt;

// The model works while something counts memory accesses: another counter than the tests use.
void evict()
{
    const MemoryNode &node = options().node[options().nodes - 1];
    const Walk walk = {node.start + node.size / 2, 2 * kCacheSize / 64};
    const uint64_t event = rdmsr(pmu::kPerfEvtSel + 7);
    pmu::select(7, pmu::kLlcMisses);
    pmu::run(bit(7), load_each_line, &walk);
    wrmsr(pmu::kPerfEvtSel + 7, event);
    pmu::set_counter(7, 0);
}

}  // namespace model
