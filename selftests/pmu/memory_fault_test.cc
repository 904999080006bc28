// SPDX-License-Identifier: GPL-2.0-or-later
// What does not count: accesses that fault, page walks, fetches, the other ring.
#include "pmu.h"
#include "rt/memory.h"
#include "rt/test.h"

using namespace rt;

namespace {

// rdi: a page that is there, rsi none; both loads and both stores are of the user's.
SNIPPET(user_load, R"(
    mov (%rdi), %rax
    mov %rax, 8(%rdi)
    mov 0x1000(%rdi), %rax
    ret
)");
SNIPPET(user_store, R"(
    mov (%rdi), %rax
    mov %rax, 0x1000(%rdi)
    ret
)");
SNIPPET(user_crossing_load, R"(
    mov 0xffc(%rdi), %rax
    ret
)");
SNIPPET(user_read_modify_write, R"(
    lock addq $1, (%rdi)
    addq $1, (%rdi)
    ret
)");
SNIPPET(user_string, R"(
    lea 0xff0(%rdi), %rdi
    mov $10, %ecx
    rep stosq
    ret
)");
SNIPPET(user_move, R"(
    lea 0xff0(%rdi), %rsi
    mov $10, %ecx
    rep movsq
    ret
)");
SNIPPET(user_gather, R"(
    vpcmpeqd %ymm2, %ymm2, %ymm2
    vmovdqu 64(%rdi), %ymm1
    vpgatherdd %ymm2, (%rdi,%ymm1,4), %ymm0
    ret
)");

void start(uint64_t flags = pmu::kUsr)
{
    pmu::select(0, pmu::kAllLoads, flags);
    pmu::select(1, pmu::kAllStores, flags);
    wrmsr(pmu::kGlobalCtrl, 3);
}

void expect_faults_after(uint64_t loads, uint64_t stores, Snippet snippet, const Pages &p)
{
    start();
    const Fault fault = run_user(snippet, p.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(kPageFault, fault.vector);
    EXPECT_EQ(loads, pmu::counter(0));
    EXPECT_EQ(stores, pmu::counter(1));
}

}  // namespace

TEST(memory_fault, faulting_load_does_not_count)
{
    expect_faults_after(1, 1, user_load, new_pages(1, kUserPage));
}

TEST(memory_fault, faulting_store_does_not_count)
{
    expect_faults_after(1, 0, user_store, new_pages(1, kUserPage));
}

TEST(memory_fault, fault_on_the_second_page_counts_neither)
{
    expect_faults_after(0, 0, user_crossing_load, new_pages(1, kUserPage));
}

TEST(memory_fault, string_counts_what_was_done_before_the_fault)
{
    expect_faults_after(0, 2, user_string, new_pages(1, kUserPage));
    expect_faults_after(2, 2, user_move, new_pages(1, kUserPage));
}

// Counted again when the instruction is done again: it has succeeded then, once.
TEST(memory_fault, access_that_is_repeated_counts_once)
{
    const Pages p = new_pages(2, kUserPage);
    set_page(p.address + kPageSize, kNotPresent);
    struct {
        Pages pages;
        unsigned faults;
    } context = {p, 0};
    const HandlerGuard guard(
        kPageFault,
        [](Frame &, void *c) {
            auto &ctx = *static_cast<decltype(context) *>(c);
            ctx.faults++;
            set_page(ctx.pages.address + kPageSize, kUserPage);
        },
        &context);
    start();
    const Fault end = run_user(user_load, p.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(kUserExit, end.vector);
    EXPECT_EQ(1u, context.faults);
    EXPECT_EQ(3u, pmu::counter(0));  // with RET's
    EXPECT_EQ(1u, pmu::counter(1));
}

SNIPPET(load_through_walk, R"(
    invlpg (%rdi)
    mov (%rdi), %rax
    ret
)");

TEST(memory_fault, page_walks_and_fetches_do_not_count)
{
    const Pages p = new_pages(1, kKernelPage);
    for (int i = 0; i < 3; i++) {
        pmu::select(0, pmu::kAllLoads);
        pmu::select(1, pmu::kAllStores);
        map_page(kernel_table(), p.address, p.frame, kKernelPage);
        pmu::run(3, load_through_walk, p.window());
        EXPECT_EQ(1u + 1, pmu::counter(0));
        EXPECT_EQ(pmu::kAroundStores, pmu::counter(1));
    }
}

TEST(memory_fault, delivery_of_a_fault_is_not_the_users)
{
    const Pages p = new_pages(1, kUserPage);
    expect_faults_after(1, 1, user_load, p);
    start(pmu::kOs);
    run_user(user_load, p.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT(pmu::counter(1) >= 5);  // the frame, at least
}

TEST(memory_fault, rings_are_kept_apart)
{
    const Pages p = new_pages(2, kUserPage);
    start(pmu::kUsr);
    const Fault end = run_user(user_load, p.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(kUserExit, end.vector);
    EXPECT_EQ(3u, pmu::counter(0));
    EXPECT_EQ(1u, pmu::counter(1));

    pmu::select(0, pmu::kAllLoads, pmu::kUsr);
    pmu::run(1, nothing);
    EXPECT_EQ(0, pmu::counter(0));
}

TEST(memory_fault, of_an_atomic_counts_neither)
{
    const Pages p = new_pages(1, kPresent | kUser);  // read only
    expect_faults_after(0, 0, user_read_modify_write, p);
}

// Elements before the one that faults may have been loaded, or not; no more than those.
TEST(memory_fault, gather_that_faults_counts_no_more_than_it_did)
{
    const Pages p = new_pages(1, kUserPage);
    p.memory<uint32_t>(64)[7] = 0x400;  // the last element is on the page that is not there
    start();
    const Fault fault = run_user(user_gather, p.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(kPageFault, fault.vector);
    EXPECT_BETWEEN(1, 1 + 7, pmu::counter(0));
}
