// SPDX-License-Identifier: GPL-2.0-or-later
// Counter mask, invert and edge: cycles with so many events, without, and beginnings of such.
#include "pmu.h"
#include "rt/memory.h"
#include "rt/test.h"

using namespace rt;

namespace {

// Loads 64 lines of as many pages, rdi on.
SNIPPET(load_pages, R"(
    mov $64, %ecx
1:  mov (%rdi), %rax
    add $4096, %rdi
    dec %rcx
    jnz 1b
    ret
)");

void run_over_memory()
{
    const Pages p = new_pages(64, kKernelPage);
    pmu::run(pmu::kGeneralBits, load_pages, p.window());
}

}  // namespace

TEST(counter_mask, cycles_with_and_without_instructions_are_all)
{
    pmu::select(0, pmu::kCycles);
    pmu::select(1, pmu::kInstructions, pmu::kOs | pmu::counter_mask(1));
    pmu::select(2, pmu::kInstructions, pmu::kOs | pmu::counter_mask(1) | pmu::kInvert);
    pmu::select(3, pmu::kInstructions);
    run_over_memory();
    EXPECT_EQ(pmu::counter(0), pmu::counter(1) + pmu::counter(2));
    EXPECT(pmu::counter(1) <= pmu::counter(3));
    EXPECT(pmu::counter(1) > 0);
    EXPECT(pmu::counter(2) > 0);  // it stalls
}

TEST(counter_mask, no_cycle_has_so_many_events)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs | pmu::counter_mask(255));
    pmu::select(1, pmu::kInstructions, pmu::kOs | pmu::counter_mask(255) | pmu::kInvert);
    pmu::select(2, pmu::kCycles);
    run_over_memory();
    EXPECT_EQ(0, pmu::counter(0));
    EXPECT_EQ(pmu::counter(2), pmu::counter(1));
}

TEST(counter_mask, invert_needs_a_mask)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs | pmu::kInvert);
    pmu::run(1, loop, 100);
    EXPECT_EQ(pmu::kAroundInstructions + loop_instructions(100), pmu::counter(0));
}

TEST(counter_mask, edges_are_no_more_than_cycles)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs | pmu::counter_mask(1) | pmu::kInvert | pmu::kEdge);
    pmu::select(1, pmu::kInstructions, pmu::kOs | pmu::counter_mask(1) | pmu::kInvert);
    run_over_memory();
    EXPECT(pmu::counter(0) > 0);
    EXPECT(pmu::counter(0) < pmu::counter(1));
}

// Each of the 64 loads stalls once.
TEST(counter_mask, model_edges_are_stalls)
{
    pmu::select(0, pmu::kCycles, pmu::kOs);
    pmu::select(1, pmu::kInstructions, pmu::kOs | pmu::counter_mask(1) | pmu::kInvert | pmu::kEdge);
    run_over_memory();
    EXPECT_BETWEEN(64, 64 + 8, pmu::counter(1));
}
