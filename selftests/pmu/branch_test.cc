// SPDX-License-Identifier: GPL-2.0-or-later
// Branch instructions retired (event 0xc4), by kind; mispredicted ones (0xc5).
#include "pmu.h"
#include "rt/memory.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kConditional = 0x11c4, kTaken = 0x01c4, kNotTaken = 0x10c4, kNearCall = 0x02c4,
                   kNearReturn = 0x08c4, kNearTaken = 0x20c4, kFar = 0x40c4, kIndirect = 0x80c4;

uint64_t count(uint64_t event, Snippet snippet, uint64_t argument)
{
    pmu::select(0, event);
    pmu::run(1, snippet, argument);
    return pmu::counter(0);
}

SNIPPET(jumps, R"(
    jmp 1f
1:  lea 2f(%rip), %rax
    jmp *%rax
2:  test %rax, %rax
    jz 3f
    jnz 3f
3:  jmp 4f
4:  ret
)");

// rdi steps of a pseudo-random sequence decide a branch each.
SNIPPET(random_branches, R"(
    mov %rdi, %rcx
    mov $0x853c49e6748fea9b, %rax
    mov $6364136223846793005, %rdx
1:  imul %rdx, %rax
    inc %rax
    bt $61, %rax
    jc 2f
    nop
2:  dec %rcx
    jnz 1b
    ret
)");

SNIPPET(far_transfers, R"(
    pushq $0x08
    lea 1f(%rip), %rax
    push %rax
    lretq
1:  ret
)");

}  // namespace

TEST(branch, all_of_a_loop_are_exact)
{
    for (const uint64_t n : {1, 2, 10, 1000, 4321})
        EXPECT_EQ(n + 1 + pmu::kAroundBranches, count(pmu::kBranches, loop, n));
}

TEST(branch, kinds_of_a_loop)
{
    EXPECT_EQ(1000u, count(kConditional, loop, 1000));
    EXPECT_EQ(999u, count(kTaken, loop, 1000));
    EXPECT_EQ(1u, count(kNotTaken, loop, 1000));
    EXPECT_EQ(1u, count(kNearCall, loop, 1000));
    EXPECT_EQ(1u, count(kNearReturn, loop, 1000));
    EXPECT_EQ(999u + 2, count(kNearTaken, loop, 1000));
    EXPECT_EQ(0, count(kFar, loop, 1000));
    EXPECT_EQ(1u, count(kIndirect, loop, 1000));  // our CALL
}

TEST(branch, kinds_of_jumps)
{
    EXPECT_EQ(6u + pmu::kAroundBranches, count(pmu::kBranches, jumps, 0));
    EXPECT_EQ(2u, count(kConditional, jumps, 0));
    EXPECT_EQ(1u, count(kTaken, jumps, 0));
    EXPECT_EQ(1u, count(kNotTaken, jumps, 0));
    EXPECT_EQ(2u, count(kIndirect, jumps, 0));
    EXPECT_EQ(5u + pmu::kAroundBranches, count(kNearTaken, jumps, 0));
}

TEST(branch, far_transfers_are_branches)
{
    EXPECT_EQ(1u, count(kFar, far_transfers, 0));
    EXPECT_EQ(1u + 1 + pmu::kAroundBranches, count(pmu::kBranches, far_transfers, 0));
}

TEST(branch, of_ring_3_are_exact)
{
    pmu::select(0, kConditional, pmu::kUsr);
    pmu::select(1, kConditional, pmu::kOs);
    for (const uint64_t n : {1, 100, 5000}) {
        pmu::set_counter(0, 0);
        pmu::set_counter(1, 0);
        wrmsr(pmu::kGlobalCtrl, 3);
        run_user(loop, reinterpret_cast<void *>(n));
        wrmsr(pmu::kGlobalCtrl, 0);
        EXPECT_EQ(n, pmu::counter(0));
        EXPECT(pmu::counter(1) < 200);
    }
}

TEST(branch, overflow_is_exact)
{
    pmu::select(0, kConditional, pmu::kOs, pmu::before_overflow(101));
    pmu::run(1, loop, 100);
    EXPECT_EQ(0, pmu::status());
    pmu::set_counter(0, pmu::before_overflow(100));
    pmu::run(1, loop, 100);
    EXPECT_EQ(1u, pmu::status());
    EXPECT_EQ(0, pmu::counter(0));
}

TEST(branch, a_loop_is_predicted)
{
    count(pmu::kBranchMisses, loop, 5000);
    EXPECT_BETWEEN(0, 50, count(pmu::kBranchMisses, loop, 5000));
}

TEST(branch, chance_is_not_predicted)
{
    const uint64_t misses = count(pmu::kBranchMisses, random_branches, 5000);
    EXPECT_BETWEEN(1000, 4000, misses);  // of 5,000 that go either way, and 5,000 that do not
}

namespace {

// rdi rounds of two calls of one function, from two places.
SNIPPET(two_callers, R"(
    mov %rdi, %rcx
1:  call 2f
    call 2f
    dec %rcx
    jnz 1b
    ret
2:  ret
)");

// rdi indirect jumps, always to the same place.
SNIPPET(one_target, R"(
    mov %rdi, %rcx
    lea 1f(%rip), %rax
1:  dec %rcx
    jz 2f
    jmp *%rax
2:  ret
)");

}  // namespace

TEST(branch, returns_are_predicted)
{
    count(pmu::kBranchMisses, two_callers, 2000);
    EXPECT_BETWEEN(0, 50, count(pmu::kBranchMisses, two_callers, 2000));
}

TEST(branch, indirect_jumps_to_one_target_are_predicted)
{
    count(pmu::kBranchMisses, one_target, 2000);
    EXPECT_BETWEEN(0, 50, count(pmu::kBranchMisses, one_target, 2000));
}
