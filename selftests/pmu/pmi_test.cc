// SPDX-License-Identifier: GPL-2.0-or-later
// Interrupts on overflow: when, how, how often; and the freeze that may come with them.
#include "pmi.h"
#include "rt/test.h"

using namespace rt;
using pmu::Delivery;
using pmu::PmiWatch;

namespace {

constexpr uint64_t kLoopBytes = 16;  // more or less
constexpr uint64_t kLong = 20000;

void arm(uint64_t events = 100, uint64_t flags = pmu::kOs | pmu::kInt)
{
    pmu::select(0, pmu::kInstructions, flags, pmu::before_overflow(events));
}

// A PMI may take its time to get here.
void run_long()
{
    pmu::run_with_interrupts(1, loop, kLong);
}

class X2ApicGuard {
public:
    X2ApicGuard() { switch_apic(true); }
    ~X2ApicGuard() { switch_apic(false); }
};

void expect_one_pmi(const PmiWatch &pmi)
{
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(1u, pmi.status);
    EXPECT(pmu::within(pmi.rip, loop, kLoopBytes));
    EXPECT(pmi.masked);
}

}  // namespace

TEST(pmi, comes_through_the_vector)
{
    PmiWatch pmi;
    arm();
    run_long();
    expect_one_pmi(pmi);
    EXPECT(pmi.counter0 < 2 * kLong);
}

TEST(pmi, comes_as_nmi_though_interrupts_are_off)
{
    PmiWatch pmi(Delivery::nmi);
    arm();
    pmu::run(1, loop, kLong);
    expect_one_pmi(pmi);
}

TEST(pmi, waits_while_interrupts_are_off)
{
    PmiWatch pmi;
    arm();
    pmu::run(1, loop, kLong);
    EXPECT_EQ(0, pmi.count);
    EXPECT(interrupt_requested(kPmiVector));
    enable_interrupts();
    pause();
    disable_interrupts();
    EXPECT_EQ(1u, pmi.count);
}

TEST(pmi, needs_the_interrupt_bit)
{
    PmiWatch pmi;
    arm(100, pmu::kOs);
    run_long();
    EXPECT_EQ(0, pmi.count);
    EXPECT_EQ(1u, pmu::status());
    EXPECT(!(apic_read(kApicLvtPerf) & kLvtMasked));
}

TEST(pmi, of_a_fixed_counter)
{
    PmiWatch pmi;
    pmu::select_fixed(0, pmu::kFixedOs | pmu::kFixedPmi, pmu::before_overflow(100));
    pmu::run_with_interrupts(pmu::fixed_bit(0), loop, kLong);
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(pmu::fixed_bit(0), pmi.status);

    pmu::clear_status();
    pmi.unmask();
    pmu::select_fixed(0, pmu::kFixedOs, pmu::before_overflow(100));
    pmu::run_with_interrupts(pmu::fixed_bit(0), loop, kLong);
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(pmu::fixed_bit(0), pmu::status());
}

TEST(pmi, of_every_general_counter)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        PmiWatch pmi;
        pmu::select(n, pmu::kInstructions, pmu::kOs | pmu::kInt, pmu::before_overflow(100));
        pmu::run_with_interrupts(bit(n), loop, kLong);
        EXPECT_EQ(1u, pmi.count);
        EXPECT_EQ(bit(n), pmi.status);
        pmu::clear_status();
        wrmsr(pmu::kPerfEvtSel + n, 0);
    }
}

TEST(pmi, masks_its_own_entry)
{
    PmiWatch pmi;
    EXPECT(!(apic_read(kApicLvtPerf) & kLvtMasked));
    arm();
    run_long();
    EXPECT_EQ(kPmiVector | kLvtMasked, apic_read(kApicLvtPerf));
}

TEST(pmi, does_not_come_again_while_masked)
{
    PmiWatch pmi;
    pmi.stop = false;
    arm();
    pmu::select(1, pmu::kInstructions, pmu::kOs | pmu::kInt, pmu::before_overflow(kLong));
    pmu::run_with_interrupts(3, loop, kLong);
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(3u, pmu::status());
}

TEST(pmi, comes_again_once_unmasked)
{
    PmiWatch pmi;
    for (unsigned i = 1; i <= 5; i++) {
        arm();
        run_long();
        EXPECT_EQ(i, pmi.count);
        pmu::clear_status();
        pmi.unmask();
    }
}

TEST(pmi, is_lost_if_the_entry_was_masked)
{
    PmiWatch pmi;
    apic_write(kApicLvtPerf, kPmiVector | kLvtMasked);
    arm();
    run_long();
    EXPECT_EQ(0, pmi.count);
    EXPECT_EQ(1u, pmu::status());
    pmi.unmask();
    enable_interrupts();
    pause();
    disable_interrupts();
    EXPECT_EQ(0, pmi.count);
}

TEST(pmi, comes_out_of_ring_3)
{
    for (const auto delivery : {Delivery::vector, Delivery::nmi}) {
        PmiWatch pmi(delivery);
        arm(100, pmu::kUsr | pmu::kInt);
        wrmsr(pmu::kGlobalCtrl, 1);
        run_user(loop, reinterpret_cast<void *>(kLong));
        wrmsr(pmu::kGlobalCtrl, 0);
        expect_one_pmi(pmi);
        EXPECT(pmi.user);
        pmu::clear_status();
    }
}

// Neither ring has executed a period when the two of them have.
TEST(pmi, of_a_counter_of_both_rings_comes_in_time)
{
    constexpr uint64_t kTurns = 3000;
    PmiWatch pmi(Delivery::nmi);
    arm(3 * kTurns, pmu::kUsr | pmu::kOs | pmu::kInt);
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user(loop, reinterpret_cast<void *>(kTurns));
    loop(reinterpret_cast<void *>(kTurns));
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(1u, pmi.count);
    EXPECT(pmu::within(pmi.rip, loop, kLoopBytes));
    EXPECT(!pmi.user);
}

// Each overflow is one interrupt, and none is counted twice: the handler puts the period on
// top of what has been counted since.
TEST(pmi, every_period_is_one)
{
    constexpr uint64_t kPeriod = 1000;
    PmiWatch pmi;
    pmi.stop = false;
    pmi.acknowledge = true;
    pmi.period = kPeriod;
    arm(kPeriod, pmu::kUsr | pmu::kInt);
    pmu::select(1, pmu::kInstructions, pmu::kUsr);
    wrmsr(pmu::kGlobalCtrl, 3);
    run_user(loop, reinterpret_cast<void *>(kLong));
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(pmu::counter(1) / kPeriod, pmi.count);
    EXPECT_EQ((pmu::counter(1) % kPeriod - kPeriod) & pmu::kCounterMask, pmu::counter(0));
}

TEST(pmi, through_x2apic)
{
    const X2ApicGuard x2apic;
    {
        PmiWatch pmi;
        arm();
        run_long();
        expect_one_pmi(pmi);
        EXPECT_EQ(kPmiVector | kLvtMasked, apic_read(kApicLvtPerf));
        pmu::clear_status();
    }
    PmiWatch pmi(Delivery::nmi);
    arm();
    pmu::run(1, loop, kLong);
    expect_one_pmi(pmi);
}

TEST(pmi, without_freeze_counters_go_on)
{
    PmiWatch pmi;
    pmi.stop = false;
    arm();
    run_long();
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(1u, pmu::status());  // no bit 59
    EXPECT(pmu::counter(0) > loop_instructions(kLong) - 200);
}

TEST(pmi, freezes_all_counters)
{
    wrmsr(pmu::kDebugCtl, pmu::kFreezeOnPmi);
    PmiWatch pmi;
    pmi.stop = false;
    arm();
    pmu::select(1, pmu::kInstructions);
    pmu::select_fixed(0);
    pmu::run_with_interrupts(3 | pmu::fixed_bit(0), loop, kLong);
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(1 | pmu::kFrozen, pmi.status);
    EXPECT_EQ(1 | pmu::kFrozen, pmu::status());
    EXPECT_EQ(pmi.counter0, pmu::counter(0));
    EXPECT(pmu::counter(1) < kLong);
    EXPECT(pmu::fixed_counter(0) < kLong);
    // Version 4 and later: frozen by the status bit, not by the control register.
    EXPECT_EQ(3 | pmu::fixed_bit(0), pmi.control);
}

TEST(pmi, frozen_counters_go_on_when_the_bit_is_reset)
{
    wrmsr(pmu::kDebugCtl, pmu::kFreezeOnPmi);
    PmiWatch pmi;
    pmi.stop = false;
    arm();
    run_long();
    const uint64_t frozen = pmu::counter(0);
    pmu::run(1, loop, 100);
    EXPECT_EQ(frozen, pmu::counter(0));
    wrmsr(pmu::kGlobalStatusReset, 1);  // this bit does not thaw
    pmu::run(1, loop, 100);
    EXPECT_EQ(frozen, pmu::counter(0));
    wrmsr(pmu::kGlobalStatusReset, pmu::kFrozen);
    pmu::run(1, loop, 100);
    EXPECT_EQ(frozen + pmu::kAroundInstructions + loop_instructions(100), pmu::counter(0));
}

TEST(pmi, software_can_freeze)
{
    pmu::select(0, pmu::kInstructions);
    wrmsr(pmu::kGlobalStatusSet, pmu::kFrozen);
    pmu::run(1, loop, 100);
    EXPECT_EQ(0, pmu::counter(0));
    wrmsr(pmu::kGlobalStatusReset, pmu::kFrozen);
    pmu::run(1, loop, 100);
    EXPECT_EQ(pmu::kAroundInstructions + loop_instructions(100), pmu::counter(0));
}

TEST(pmi, reaches_the_cpu_that_counted)
{
    PmiWatch pmi;
    pmi.acknowledge = true;
    meet();
    for (unsigned i = 0; i < cpu().index + 1; i++) {
        arm();
        run_long();
    }
    meet();
    EXPECT_EQ(cpu().index + 1, pmi.count);
}
