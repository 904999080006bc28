// SPDX-License-Identifier: GPL-2.0-or-later
// The machine is saved to a file, and goes on in another QEMU: counts and records stay exact.
#include "pebs.h"
#include "pmi.h"
#include "rt/firmware.h"
#include "rt/options.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kAdaptiveUsr = pmu::kUsr | pmu::kAdaptive;

void move_once()
{
    meet();
    if (on_boot_cpu()) {
        const unsigned before = moves();
        ask_harness("move");
        while (moves() == before)
            pause();
    }
    meet();
}

void run_loop(uint64_t n)
{
    run_user(loop, reinterpret_cast<void *>(n));
}

}  // namespace

TEST(move, registers_are_kept, Where::everywhere, Time::any, "move")
{
    const uint64_t cfg = 0x0200000f;
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        wrmsr(pmu::kPerfEvtSel + n, pmu::kAllStores | pmu::kInt | n << 24);
        pmu::set_counter(n, 0xabc000000000 + n + 16 * cpu().index);
    }
    for (unsigned n = 0; n < pmu::kFixed; n++)
        wrmsr(pmu::kFixedCtr + n, 0xdef000000000 + n);
    wrmsr(pmu::kFixedCtrCtrl, 0x10000091b);
    wrmsr(pmu::kGlobalCtrl, 0);
    wrmsr(pmu::kGlobalStatusSet, 3 | pmu::kDsOverflow | pmu::kFrozen);
    wrmsr(pmu::kPebsEnable, 0x55);
    wrmsr(pmu::kPebsDataCfg, cfg);
    wrmsr(pmu::kPebsLdLat, 0x123);
    wrmsr(pmu::kDsArea, 0x7000);
    wrmsr(pmu::kDebugCtl, pmu::kFreezeOnPmi);
    apic_write(kApicLvtPerf, kPmiVector);
    move_once();
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        EXPECT_EQ(pmu::kAllStores | pmu::kInt | n << 24, rdmsr(pmu::kPerfEvtSel + n));
        EXPECT_EQ(0xabc000000000 + n + 16 * cpu().index, pmu::counter(n));
    }
    for (unsigned n = 0; n < pmu::kFixed; n++)
        EXPECT_EQ(0xdef000000000 + n, pmu::fixed_counter(n));
    EXPECT_EQ(0x10000091bu, rdmsr(pmu::kFixedCtrCtrl));
    EXPECT_EQ(3 | pmu::kDsOverflow | pmu::kFrozen, pmu::status());
    EXPECT_EQ(0x55u, rdmsr(pmu::kPebsEnable));
    EXPECT_EQ(cfg, rdmsr(pmu::kPebsDataCfg));
    EXPECT_EQ(0x123u, rdmsr(pmu::kPebsLdLat));
    EXPECT_EQ(0x7000u, rdmsr(pmu::kDsArea));
    EXPECT_EQ(pmu::kFreezeOnPmi, rdmsr(pmu::kDebugCtl));
    EXPECT_EQ(kPmiVector, apic_read(kApicLvtPerf));
}

// Counters of ring 3 go on counting through it: in the middle of a count, and of a period.
TEST(move, counts_and_samples_go_on, Where::everywhere, Time::any, "move")
{
    pebs::Store store;
    pmu::PmiWatch pmi;
    pmu::select(0, pmu::kInstructions, pmu::kUsr);
    pmu::select_fixed(0, pmu::kFixedUsr);
    pmu::select(2, pmu::kInstructions, pmu::kUsr | pmu::kInt, pmu::before_overflow(150000));
    store.sample(1, pmu::kInstructions, kAdaptiveUsr, 1009);
    wrmsr(pmu::kGlobalCtrl, 7 | pmu::fixed_bit(0));
    pmi.stop = false;
    run_loop(50000);
    const uint64_t half = pmu::counter(0);
    const unsigned records = store.count();
    EXPECT_EQ(0, pmi.count);
    move_once();
    EXPECT_EQ(half, pmu::counter(0));
    EXPECT_EQ(records, store.count());
    run_loop(50000);
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(2 * half, pmu::counter(0));
    EXPECT_EQ(2 * half, pmu::fixed_counter(0));
    EXPECT_EQ(2 * half / 1009, store.count());
    EXPECT_EQ((2 * half % 1009 - 1009) & pmu::kCounterMask, pmu::counter(1));
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(2 * half - 150000, pmu::counter(2));
}

// Whenever it happens, at whatever instruction.
TEST(move, at_any_time, Where::everywhere, Time::any, "move")
{
    constexpr uint64_t kChunk = 2'000'000;
    static unsigned before;
    pmu::select(0, pmu::kInstructions, pmu::kUsr);
    wrmsr(pmu::kGlobalCtrl, 1);
    run_loop(kChunk);
    const uint64_t chunk = pmu::counter(0);
    if (on_boot_cpu()) {
        before = moves();
        ask_harness("move");
    } else if (!all_at_once()) {
        wrmsr(pmu::kGlobalCtrl, 0);
        return;  // the boot CPU has had it
    }
    meet();
    uint64_t chunks = 1;
    do {
        run_loop(kChunk);
        chunks++;
    } while (moves() == before);
    run_loop(kChunk);
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ((chunks + 1) * chunk, pmu::counter(0));
}

// A machine is saved while it runs. What is stored then has to be saved once more, in whichever
// node: each page has what the round before stored.
TEST(move, stores_meanwhile_arrive, Where::once, Time::any, "move")
{
    constexpr unsigned kPages = 512;
    const uint64_t data = new_frames(kPages, options().nodes - 1);
    const unsigned before = moves();
    uint64_t lost = 0, round = 0;
    bool moved = false;
    ask_harness("move");
    for (bool last = false; !last; round++) {
        last = moved;
        moved = moves() != before;
        for (unsigned i = 0; i < kPages; i++) {
            auto *word = reinterpret_cast<volatile uint64_t *>(data + i * kPageSize);
            lost += *word != round;
            *word = round + 1;
        }
    }
    EXPECT_EQ(0u, lost);
}

TEST(move, memory_samples_go_on, Where::in_turn, Time::any, "move")
{
    const Pages data = new_pages(8, kUserPage);
    *data.memory<Walk>() = {data.address, 3000};
    pebs::Store store;
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    store.sample(0, pmu::kAllLoads, kAdaptiveUsr, 101);
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user(load_words, data.window());
    move_once();
    run_user(load_words, data.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    const uint64_t loads = 3000 + kWalkLoads + 1;
    EXPECT_EQ(2 * loads / 101, store.count());
    for (unsigned i = 0; i < store.count(); i++) {
        const uint64_t load = (101 * (i + 1) - 1) % loads;
        if (load >= kWalkLoads && load < loads - 1)
            EXPECT_EQ(data.address + 8 * (load - kWalkLoads), store.record(i).memory().address);
    }
}
