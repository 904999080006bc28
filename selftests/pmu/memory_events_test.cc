// SPDX-License-Identifier: GPL-2.0-or-later
// Which accesses count as loads and stores, and how often: once each, after they succeeded.
#include "pmu.h"
#include "rt/memory.h"
#include "rt/test.h"

using namespace rt;

namespace {

struct Counts {
    uint64_t loads, stores;
};

// Loads and stores of the snippet itself, without its RET and what is around it.
Counts count(Snippet snippet, const void *argument)
{
    pmu::select(0, pmu::kAllLoads);
    pmu::select(1, pmu::kAllStores);
    pmu::run(3, snippet, argument);
    return {pmu::counter(0) - 1, pmu::counter(1) - pmu::kAroundStores};
}

void expect_counts(uint64_t loads, uint64_t stores, Snippet snippet, const void *argument,
                   const char *what)
{
    for (int i = 0; i < 2; i++) {
        const Counts c = count(snippet, argument);
        EXPECT_SAID(c.loads == loads && c.stores == stores, what, ": want ", loads, " loads ",
                    stores, " stores, got ", c.loads, " and ", c.stores);
    }
}

#define EXPECT_COUNTS(loads, stores, snippet, argument) \
    expect_counts(loads, stores, snippet, argument, #snippet)

SNIPPET(loads_of_all_sizes, R"(
    mov (%rdi), %al
    mov (%rdi), %ax
    mov (%rdi), %eax
    mov (%rdi), %rax
    movzbl (%rdi), %eax
    movsbq (%rdi), %rax
    ret
)");
SNIPPET(stores_of_all_sizes, R"(
    mov %al, (%rdi)
    mov %ax, (%rdi)
    mov %eax, (%rdi)
    mov %rax, (%rdi)
    movb $1, (%rdi)
    ret
)");
SNIPPET(read_modify_write, R"(
    addq $1, (%rdi)
    incl (%rdi)
    notb (%rdi)
    ret
)");
SNIPPET(compare_loads_only, R"(
    cmpq $1, (%rdi)
    testb $1, (%rdi)
    ret
)");
SNIPPET(no_access, R"(
    lea (%rdi), %rax
    nopl (%rdi)
    ret
)");
SNIPPET(push_and_pop, R"(
    push %rax
    push %rcx
    pop %rcx
    pop %rax
    ret
)");
SNIPPET(push_memory, R"(
    pushq (%rdi)
    popq 8(%rdi)
    ret
)");
SNIPPET(call_and_return, R"(
    call 1f
    call 1f
    ret
1:  ret
)");
SNIPPET(locked, R"(
    lock addq $1, (%rdi)
    lock xaddq %rax, (%rdi)
    lock orl $1, (%rdi)
    xchg %rax, (%rdi)
    lock btsl $3, (%rdi)
    ret
)");
SNIPPET(locked_compare, R"(
    mov (%rdi), %rax
    lock cmpxchgq %rcx, (%rdi)
    ret
)");
SNIPPET(string_move, R"(
    lea 512(%rdi), %rsi
    mov $10, %ecx
    rep movsq
    ret
)");
SNIPPET(string_store, R"(
    mov $10, %ecx
    rep stosq
    ret
)");
SNIPPET(string_load, R"(
    mov %rdi, %rsi
    mov $10, %ecx
    rep lodsq
    lodsb
    ret
)");
SNIPPET(string_of_nothing, R"(
    xor %ecx, %ecx
    rep stosq
    ret
)");
SNIPPET(sse_loads, R"(
    movss (%rdi), %xmm0
    movsd (%rdi), %xmm1
    movdqa (%rdi), %xmm2
    movdqu 1(%rdi), %xmm3
    paddd (%rdi), %xmm4
    ret
)");
SNIPPET(sse_stores, R"(
    movss %xmm0, (%rdi)
    movsd %xmm1, (%rdi)
    movdqa %xmm2, (%rdi)
    movdqu %xmm3, 1(%rdi)
    movntdq %xmm4, (%rdi)
    ret
)");
SNIPPET(avx, R"(
    vmovdqa (%rdi), %ymm0
    vmovdqu 3(%rdi), %ymm1
    vpaddd (%rdi), %ymm1, %ymm2
    vmovdqa %ymm0, (%rdi)
    ret
)");
SNIPPET(x87_80_bit, R"(
    fldt (%rdi)
    fstpt 16(%rdi)
    ret
)");
SNIPPET(x87_64_bit, R"(
    fldl (%rdi)
    fstpl 16(%rdi)
    fildl (%rdi)
    fistpl 16(%rdi)
    ret
)");

}  // namespace

TEST(memory_events, loads_and_stores_of_all_sizes_are_one_each)
{
    const Pages p = new_pages(2, kKernelPage);
    EXPECT_COUNTS(0, 0, nothing, p.window());
    EXPECT_COUNTS(6, 0, loads_of_all_sizes, p.window());
    EXPECT_COUNTS(0, 5, stores_of_all_sizes, p.window());
}

TEST(memory_events, read_modify_write_is_both)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(3, 3, read_modify_write, p.window());
    EXPECT_COUNTS(2, 0, compare_loads_only, p.window());
}

TEST(memory_events, addresses_without_access_are_none)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(0, 0, no_access, p.window());
}

TEST(memory_events, stack_accesses_count)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(2, 2, push_and_pop, p.window());
    EXPECT_COUNTS(2, 2, push_memory, p.window());
    EXPECT_COUNTS(2, 2, call_and_return, p.window());
}

TEST(memory_events, atomics_are_one_load_and_one_store)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(5, 5, locked, p.window());
    EXPECT_COUNTS(2, 1, locked_compare, p.window());
}

TEST(memory_events, string_instructions_count_each_element)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(10, 10, string_move, p.window());
    EXPECT_COUNTS(0, 10, string_store, p.window());
    EXPECT_COUNTS(11, 0, string_load, p.window());
    EXPECT_COUNTS(0, 0, string_of_nothing, p.window());
}

TEST(memory_events, sse_counts)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(5, 0, sse_loads, p.window());
    EXPECT_COUNTS(0, 5, sse_stores, p.window());
}

TEST(memory_events, avx_counts)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(3, 1, avx, p.window());
}

TEST(memory_events, x87_counts)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(1, 1, x87_80_bit, p.window());
    EXPECT_COUNTS(2, 2, x87_64_bit, p.window());
}

SNIPPET(gather, R"(
    vpcmpeqd %ymm2, %ymm2, %ymm2
    vpxor %ymm1, %ymm1, %ymm1
    vpgatherdd %ymm2, (%rdi,%ymm1,4), %ymm0
    ret
)");
SNIPPET(gather_half, R"(
    vmovdqa 64(%rdi), %ymm2
    vpxor %ymm1, %ymm1, %ymm1
    vpgatherdd %ymm2, (%rdi,%ymm1,4), %ymm0
    ret
)");
TEST(memory_events, gather_counts_its_elements)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_COUNTS(8, 0, gather, p.window());
}

TEST(memory_events, gather_counts_what_its_mask_says)
{
    const Pages p = new_pages(1, kKernelPage);
    for (unsigned i = 0; i < 4; i++)
        p.memory<uint32_t>(64)[2 * i] = 0xffffffff;
    EXPECT_COUNTS(1 + 4, 0, gather_half, p.window());
}

SNIPPET(xsave_all, R"(
    mov $7, %eax
    xor %edx, %edx
    xsave (%rdi)
    xrstor (%rdi)
    ret
)");
SNIPPET(fxsave_all, R"(
    fxsave (%rdi)
    fxrstor (%rdi)
    ret
)");

// How many accesses they are is the CPU's affair.
TEST(memory_events, saving_of_state_counts)
{
    const Pages p = new_pages(2, kKernelPage);
    for (const auto snippet : {xsave_all, fxsave_all}) {
        const Counts c = count(snippet, p.window());
        EXPECT_BETWEEN(1, 600, c.loads);
        EXPECT_BETWEEN(1, 600, c.stores);
        const Counts again = count(snippet, p.window());
        EXPECT_EQ(c.loads, again.loads);
        EXPECT_EQ(c.stores, again.stores);
    }
}

SNIPPET(far_return, R"(
    pushq $0x08
    lea 1f(%rip), %rax
    push %rax
    lretq
1:  ret
)");

// LRETQ pops two words, and reads a descriptor.
TEST(memory_events, far_transfer_counts)
{
    const Counts c = count(far_return, nullptr);
    EXPECT_BETWEEN(2, 5, c.loads);
    EXPECT_BETWEEN(2, 3, c.stores);  // perhaps the descriptor's accessed bit
}

SNIPPET(crossing_load, R"(
    mov 0xffc(%rdi), %rax
    mov 0x3e(%rdi), %eax
    movdqu 0xff8(%rdi), %xmm0
    ret
)");
SNIPPET(crossing_store, R"(
    mov %rax, 0xffc(%rdi)
    mov %eax, 0x3e(%rdi)
    movdqu %xmm0, 0xff8(%rdi)
    ret
)");

TEST(memory_events, access_across_lines_or_pages_is_one)
{
    const Pages p = new_pages(2, kKernelPage);
    EXPECT_COUNTS(3, 0, crossing_load, p.window());
    EXPECT_COUNTS(0, 3, crossing_store, p.window());
}
