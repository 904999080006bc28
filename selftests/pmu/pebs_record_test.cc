// SPDX-License-Identifier: GPL-2.0-or-later
// What is in a PEBS record, for each configuration.
#include "pebs.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kAdaptiveOs = pmu::kOs | pmu::kAdaptive;

struct WalkPage {
    Pages data = new_pages(1, kKernelPage);
    Walk walk = {data.address, 1};
};

// One record of one load, at the address data.address.
pebs::Record one_load(pebs::Store &store, const WalkPage &page, uint64_t cfg)
{
    wrmsr(pmu::kPebsDataCfg, cfg);
    store.clear();
    // The stack's CALL is a store; loads are the walk's two, the one that is meant, and RET.
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, kWalkLoads + 1);
    pmu::run(1, load_words, &page.walk);
    EXPECT_EQ(1u, store.count());
    return store.record(0);
}

// Every register has a value of its own at the load; rdi: where to load from, and keep rsp. The
// load itself brings rax.
SNIPPET(load_with_known_registers, R"(
    push %rbx
    push %rbp
    push %r12
    push %r13
    push %r14
    push %r15
    movq $0x1111, (%rdi)
    mov $0x7777, %eax
    mov $0x2222, %ecx
    mov $0x3333, %edx
    mov $0x4444, %ebx
    mov $0x5555, %ebp
    mov $0x6666, %esi
    mov $0x8888, %r8d
    mov $0x9999, %r9d
    mov $0xaaaa, %r10d
    mov $0xbbbb, %r11d
    mov $0xcccc, %r12d
    mov $0xdddd, %r13d
    mov $0xeeee, %r14d
    mov $0xffff, %r15d
    cmp %rax, %rax
    mov %rsp, 8(%rdi)
    stc
    .globl load_with_known_registers_load, load_with_known_registers_next
load_with_known_registers_load:
    mov (%rdi), %rax
load_with_known_registers_next:
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbp
    pop %rbx
    ret
)");

extern "C" char load_with_known_registers_load[], load_with_known_registers_next[];

// rdi: 16 values of 16 bytes, 16-byte aligned, then the word to load.
SNIPPET(load_with_known_xmm, R"(
    movdqa 0x00(%rdi), %xmm0
    movdqa 0x10(%rdi), %xmm1
    movdqa 0x20(%rdi), %xmm2
    movdqa 0x30(%rdi), %xmm3
    movdqa 0x40(%rdi), %xmm4
    movdqa 0x50(%rdi), %xmm5
    movdqa 0x60(%rdi), %xmm6
    movdqa 0x70(%rdi), %xmm7
    movdqa 0x80(%rdi), %xmm8
    movdqa 0x90(%rdi), %xmm9
    movdqa 0xa0(%rdi), %xmm10
    movdqa 0xb0(%rdi), %xmm11
    movdqa 0xc0(%rdi), %xmm12
    movdqa 0xd0(%rdi), %xmm13
    movdqa 0xe0(%rdi), %xmm14
    movdqa 0xf0(%rdi), %xmm15
    mov 0x100(%rdi), %rax
    ret
)");

}  // namespace

TEST(pebs_record, has_the_groups_and_the_size_of_the_configuration)
{
    pebs::Store store;
    const WalkPage page;
    for (uint64_t cfg = 0; cfg < 16; cfg++) {
        const auto record = one_load(store, page, cfg);
        EXPECT_EQ(cfg, record.basic().format());
        EXPECT_EQ(pebs::record_size(cfg), record.basic().size());
        EXPECT_EQ(pebs::record_size(cfg), store.used());
    }
    EXPECT_EQ(32u, pebs::record_size(0));
    EXPECT_EQ(32u + 32 + 144 + 256 + 24, pebs::record_size(15));
}

TEST(pebs_record, has_room_for_as_many_branches_as_asked_for)
{
    pebs::Store store;
    const WalkPage page;
    for (uint64_t n = 1; n <= 32; n++) {
        const uint64_t cfg = pebs::lbr_entries(n);
        const auto record = one_load(store, page, cfg);
        EXPECT_EQ(32 + 24 * n, record.basic().size());
        EXPECT_EQ(cfg & 0xffffffff, record.basic().format());
        for (uint64_t i = 0; i < 3 * n; i++)
            EXPECT_EQ(0, record.lbr()[i]);
    }
}

TEST(pebs_record, is_basic_without_the_adaptive_bit)
{
    pebs::Store store;
    const WalkPage page;
    wrmsr(pmu::kPebsDataCfg, 0x1f00000f);
    store.sample(0, pmu::kAllLoads, pmu::kOs, 3);
    pmu::run(1, load_words, &page.walk);
    EXPECT_EQ(32u, store.used());
    EXPECT_EQ(0, store.record(0).basic().format());
    EXPECT_EQ(32u, store.record(0).basic().size());

    store.clear();
    store.sample(pebs::fixed(0), 0, pmu::kOs, 5);
    wrmsr(pmu::kPebsEnable, pmu::fixed_bit(0));
    pmu::run(pmu::fixed_bit(0), nothing);
    EXPECT_EQ(32u, store.used());
    EXPECT_EQ(0, store.record(0).basic().format());
}

TEST(pebs_record, basic_group_of_a_load)
{
    pebs::Store store;
    const WalkPage page;
    const uint64_t before = rdtsc();
    const auto basic = one_load(store, page, 0).basic();
    EXPECT_EQ(reinterpret_cast<uint64_t>(load_words_load), basic.ip);
    EXPECT_EQ(1u, basic.counters);
    EXPECT_BETWEEN(before, rdtsc(), basic.tsc);
}

TEST(pebs_record, names_the_counter)
{
    pebs::Store store;
    const WalkPage page;
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        store.clear();
        wrmsr(pmu::kPebsEnable, 0);
        store.sample(n, pmu::kAllLoads, kAdaptiveOs, 3);
        pmu::run(bit(n), load_words, &page.walk);
        EXPECT_EQ(1u, store.count());
        EXPECT_EQ(bit(n), store.record(0).basic().counters);
        wrmsr(pmu::kPerfEvtSel + n, 0);
    }
    for (unsigned n = 0; n < 2; n++) {
        store.clear();
        wrmsr(pmu::kPebsEnable, 0);
        store.sample(pebs::fixed(n), 0, kAdaptiveOs, 5);
        pmu::run(pmu::fixed_bit(n), nothing);
        EXPECT(store.count() >= 1);
        EXPECT_EQ(pmu::fixed_bit(n), store.record(0).basic().counters);
        wrmsr(pmu::kFixedCtrCtrl, 0);
    }
}

TEST(pebs_record, of_instructions_is_within_the_loop)
{
    pebs::Store store;
    for (const unsigned n : {0u, 3u, pebs::fixed(0)}) {
        store.clear();
        wrmsr(pmu::kPebsEnable, 0);
        store.sample(n, pmu::kInstructions, kAdaptiveOs, 100);
        pmu::run(n < pmu::kGeneral ? bit(n) : pmu::fixed_bit(0), loop, 90);
        EXPECT_EQ(1u, store.count());
        const uint64_t start = reinterpret_cast<uint64_t>(loop);
        EXPECT_BETWEEN(start, start + 16, store.record(0).basic().ip);
    }
}

TEST(pebs_record, memory_group_of_a_load)
{
    pebs::Store store;
    const WalkPage page;
    const auto memory = one_load(store, page, pebs::kMemory).memory();
    EXPECT_EQ(page.data.address, memory.address);
    EXPECT(memory.source != 0);
    EXPECT(memory.latency > 0);
    EXPECT_EQ(0, memory.tsx);
}

TEST(pebs_record, memory_group_of_a_store)
{
    pebs::Store store;
    const WalkPage page;
    const Walk two = {page.data.address, 2};  // in one line
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    store.sample(0, pmu::kAllStores, kAdaptiveOs, 1);
    pmu::run(1, store_words, &two);
    EXPECT_EQ(3u, store.count());  // CALL comes first
    for (unsigned i = 0; i < 2; i++) {
        const auto record = store.record(1 + i);
        EXPECT_EQ(reinterpret_cast<uint64_t>(store_words_store), record.basic().ip);
        EXPECT_EQ(page.data.address + 8 * i, record.memory().address);
        EXPECT_EQ(0, record.memory().source & ~1ull);
    }
    EXPECT_EQ(1u, store.record(2).memory().source);  // the line is there the second time
}

// A record is made by trap: registers are those that the load has left, and RIP is what comes next.
TEST(pebs_record, gprs_are_those_after_the_load)
{
    pebs::Store store;
    const WalkPage page;
    wrmsr(pmu::kPebsDataCfg, pebs::kGprs);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 1);
    pmu::run(1, load_with_known_registers, page.data.window());
    EXPECT(store.count() >= 1);
    const auto record = store.record(0);
    const auto &gprs = record.gprs();
    EXPECT_EQ(reinterpret_cast<uint64_t>(load_with_known_registers_load), record.basic().ip);
    EXPECT_EQ(reinterpret_cast<uint64_t>(load_with_known_registers_next), gprs.ip);
    for (unsigned r = 0; r < 16; r++) {
        if (r == pebs::kRsp)
            continue;
        const uint64_t want = r == pebs::kRdi   ? page.data.address
                              : r < pebs::kRbp  ? 0x1111 * (r + 1)
                              : r == pebs::kRbp ? 0x5555
                              : r == pebs::kRsi ? 0x6666
                                                : 0x1111 * r;
        EXPECT_SAID(gprs.reg[r] == want, "register ", r, ": want ", Hex{want}, ", got ",
                    Hex{gprs.reg[r]});
    }
    EXPECT_EQ(page.data.memory<uint64_t>()[1], gprs.reg[pebs::kRsp]);
}

// What STC after an equal CMP has left: carry, zero, parity. MOV changes none.
TEST(pebs_record, flags_are_those_at_the_load)
{
    pebs::Store store;
    const WalkPage page;
    wrmsr(pmu::kPebsDataCfg, pebs::kGprs);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 1);
    pmu::run(1, load_with_known_registers, page.data.window());
    EXPECT_EQ(0x47u, store.record(0).gprs().flags & 0x8d7);
    EXPECT_EQ(0, store.record(0).gprs().flags & bit(9));  // interrupts are off
}

TEST(pebs_record, xmm_are_those_of_the_load)
{
    pebs::Store store;
    const Pages data = new_pages(1, kKernelPage);
    for (unsigned i = 0; i < 32; i++)
        data.memory<uint64_t>()[i] = 0x0123456789abcdef * (i + 1);
    wrmsr(pmu::kPebsDataCfg, pebs::kXmm);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 17);
    pmu::run(1, load_with_known_xmm, data.window());
    EXPECT_EQ(1u, store.count());
    const auto &xmm = store.record(0).xmm();
    for (unsigned r = 0; r < 16; r++)
        for (unsigned half = 0; half < 2; half++)
            EXPECT_EQ(0x0123456789abcdef * (2 * r + half + 1), xmm.reg[r][half]);
}

TEST(pebs_record, all_groups_together_are_in_order)
{
    pebs::Store store;
    const WalkPage page;
    const auto record =
        one_load(store, page, pebs::kMemory | pebs::kGprs | pebs::kXmm | pebs::lbr_entries(4));
    EXPECT_EQ(32u + 32 + 144 + 256 + 96, record.basic().size());
    EXPECT_EQ(page.data.address, record.memory().address);
    EXPECT_EQ(record.basic().ip + 3, record.gprs().ip);  // MOV
    EXPECT_EQ(page.data.address, record.gprs().reg[pebs::kRdi]);
    EXPECT_EQ(1u, record.gprs().reg[pebs::kRcx]);
    for (unsigned i = 0; i < 12; i++)
        EXPECT_EQ(0, record.lbr()[i]);
}

TEST(pebs_record, of_a_fixed_counter_has_all_groups)
{
    pebs::Store store;
    const uint64_t cfg = pebs::kMemory | pebs::kGprs | pebs::kXmm | pebs::lbr_entries(2);
    wrmsr(pmu::kPebsDataCfg, cfg);
    store.sample(pebs::fixed(0), 0, kAdaptiveOs, 50);
    pmu::run(pmu::fixed_bit(0), loop, 40);
    EXPECT_EQ(1u, store.count());
    const auto record = store.record(0);
    EXPECT_EQ(pebs::record_size(cfg), record.basic().size());
    EXPECT_BETWEEN(record.basic().ip, record.basic().ip + 15, record.gprs().ip);
    EXPECT_BETWEEN(1, 40, record.gprs().reg[pebs::kRcx]);
    EXPECT_EQ(0, record.memory().address);  // no memory event
}

// Software may change it while records of the old kind are in the buffer.
TEST(pebs_record, configuration_may_change_between_records)
{
    pebs::Store store;
    const WalkPage page;
    const uint64_t cfgs[] = {0, pebs::kMemory, 15, pebs::kXmm, pebs::lbr_entries(8), 0};
    for (const uint64_t cfg : cfgs) {
        wrmsr(pmu::kPebsDataCfg, cfg);
        store.sample(0, pmu::kAllLoads, kAdaptiveOs, 3);
        pmu::run(1, load_words, &page.walk);
    }
    EXPECT_EQ(6u, store.count());
    for (unsigned i = 0; i < 6; i++) {
        EXPECT_EQ(cfgs[i], store.record(i).basic().format());
        EXPECT_EQ(pebs::record_size(cfgs[i]), store.record(i).basic().size());
    }
}

TEST(pebs_record, from_ring_3)
{
    pebs::Store store;
    const Pages data = new_pages(1, kUserPage);
    *data.memory<Walk>(2048) = {data.address, 1};
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory | pebs::kGprs);
    store.sample(0, pmu::kAllLoads, pmu::kUsr | pmu::kAdaptive, 3);
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user(load_words, data.window(2048));
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(1u, store.count());
    const auto record = store.record(0);
    EXPECT_EQ(for_user(load_words_load), record.basic().ip);
    EXPECT_EQ(data.address, record.memory().address);
    EXPECT_EQ(data.address, record.gprs().reg[pebs::kRdi]);
}
