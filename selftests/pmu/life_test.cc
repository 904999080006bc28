// SPDX-License-Identifier: GPL-2.0-or-later
// The life of a CPU: power-up, INIT, reset of the machine, a CPU that is added.
#include "pebs.h"
#include "pmi.h"
#include "rt/firmware.h"
#include "rt/persist.h"
#include "rt/test.h"

using namespace rt;

namespace {

// GLOBAL_CTRL allows the general counters, as in CPUs that did not have the register.
uint64_t value_after_reset(uint32_t msr)
{
    return msr == pmu::kGlobalCtrl ? pmu::kGeneralBits : 0;
}

void expect_reset_state()
{
    for (unsigned i = 0; i < pmu::kStartRegisters; i++)
        EXPECT_SAID(cpu().at_start[i] == value_after_reset(pmu::start_register[i]), "MSR ",
                    Hex{pmu::start_register[i]}, ": ", Hex{cpu().at_start[i]});
    EXPECT_EQ(0, rdmsr(pmu::kDebugCtl));
}

uint64_t value_of_its_own(uint32_t msr)
{
    switch (msr) {
        case pmu::kGlobalCtrl:
            return 2 | pmu::fixed_bit(1);
        case pmu::kGlobalStatus:
            return 4 | pmu::kDsOverflow;
        case pmu::kFixedCtrCtrl:
            return pmu::fixed_ctrl(2, 9);
        case pmu::kPerfEvtSel:
        case pmu::kPerfEvtSel + 7:
            return pmu::kAllLoads | pmu::kUsr | pmu::kInt;
        case pmu::kDsArea:
            return 0xffff800000001000;
        case pmu::kPebsDataCfg:
            return 0x0300000b;
        case pmu::kPebsEnable:
            return 0x81;
        default:
            return 0x1234 + (msr & 15);
    }
}

void set_everything()
{
    for (const uint32_t msr : pmu::start_register)
        wrmsr(msr == pmu::kGlobalStatus ? pmu::kGlobalStatusSet : msr, value_of_its_own(msr));
    wrmsr(pmu::kDebugCtl, pmu::kFreezeOnPmi);
}

void expect_it_works()
{
    pmu::reset();
    pmu::select(0, pmu::kInstructions);
    pmu::run(1, loop, 1000);
    EXPECT_EQ(pmu::kAroundInstructions + loop_instructions(1000), pmu::counter(0));

    pebs::Store store;
    pmu::PmiWatch pmi;
    store.set_threshold(10 * sizeof(pebs::Basic));
    store.sample(1, pmu::kInstructions, pmu::kOs, 100);
    pmu::run_with_interrupts(2, loop, 1000);
    EXPECT_EQ(1u, pmi.count);
    EXPECT(store.count() >= 10);
}

}  // namespace

TEST(life, power_up_state)
{
    expect_reset_state();
}

// SDM volume 3A, table 10-1: INIT changes neither counters nor their registers.
TEST(life, init_changes_nothing, Where::once)
{
    for (unsigned i = 1; i < cpu_count(); i++) {
        run_on(i, set_everything);
        restart_cpu(i);
        for (unsigned r = 0; r < pmu::kStartRegisters; r++)
            EXPECT_SAID(cpu_of(i).at_start[r] == value_of_its_own(pmu::start_register[r]), "MSR ",
                        Hex{pmu::start_register[r]}, ": ", Hex{cpu_of(i).at_start[r]});
        run_on(i, [] {
            EXPECT_EQ(pmu::kFreezeOnPmi, rdmsr(pmu::kDebugCtl));
            EXPECT(apic_read(kApicLvtPerf) & kLvtMasked);  // that of the local APIC it does
            expect_it_works();
            pmu::reset();
        });
    }
}

TEST(life, reset_of_the_machine, Where::once, Time::any, "reset")
{
    if (restarts() == 0) {
        for (unsigned i = 1; i < cpu_count(); i++)
            run_on(i, set_everything);
        set_everything();
        restart_machine();
    }
    EXPECT_EQ(1u, restarts());
    for (unsigned i = 0; i < cpu_count(); i++) {
        run_on(i, expect_reset_state);
        run_on(i, expect_it_works);
    }
}

TEST(life, reset_while_counting, Where::once, Time::any, "reset")
{
    if (restarts() == 1) {
        pebs::Store store;
        store.sample(0, pmu::kInstructions, pmu::kOs, 1000);
        pmu::select_fixed(0);
        wrmsr(pmu::kGlobalCtrl, 1 | pmu::fixed_bit(0));
        restart_machine();
    }
    EXPECT_EQ(2u, restarts());
    expect_reset_state();
    expect_it_works();
}

TEST(life, added_cpu_is_in_reset_state_and_works, Where::once, Time::any, "plug")
{
    const unsigned before = cpu_count();
    run_on(before - 1, set_everything);  // nobody else's state is meant
    ask_harness("plug");
    const unsigned added = start_new_cpu(before);
    EXPECT_EQ(before, added);
    EXPECT_EQ(before + 1, cpu_count());
    run_on(added, expect_reset_state);
    run_on(added, expect_it_works);
    run_on(before - 1, [] { pmu::reset(); });
}

TEST(life, added_cpu_counts_with_the_others, Where::everywhere, Time::any, "plug")
{
    expect_it_works();
}
