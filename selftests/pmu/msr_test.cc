// SPDX-License-Identifier: GPL-2.0-or-later
// Registers: what can be written, what must fault, what reads back.
#include "pmu.h"
#include "rt/test.h"

using namespace rt;

namespace {

struct Register {
    uint32_t number;
    uint64_t valid;
};

// The bits that must be zero depend on what CPUID says.
uint64_t general_bits()
{
    return bit(cpuid(0xa).eax >> 8 & 0xff) - 1;
}

unsigned fixed_counters()
{
    return cpuid(0xa).edx & 31;
}

uint64_t fixed_bits()
{
    return (bit(fixed_counters()) - 1) << 32;
}

uint64_t fixed_ctrl_bits()
{
    uint64_t bits = 0;
    for (unsigned n = 0; n < fixed_counters(); n++)
        bits |= pmu::fixed_ctrl(n, 15) | pmu::fixed_adaptive(n);
    return bits;
}

// Each bit that is not valid faults, and changes nothing.
void expect_reserved(uint32_t msr, uint64_t valid)
{
    const uint64_t before = rdmsr(msr);
    for (unsigned n = 0; n < 64; n++) {
        if (valid >> n & 1)
            continue;
        EXPECT_SAID(try_wrmsr(msr, before | bit(n)) == kGeneralProtection, "MSR ", Hex{msr},
                    " bit ", n);
        EXPECT_EQ(before, rdmsr(msr));
        wrmsr(msr, before);
    }
}

void expect_keeps(uint32_t msr, uint64_t value)
{
    EXPECT_SAID(try_wrmsr(msr, value) == 0, "MSR ", Hex{msr}, " value ", Hex{value});
    EXPECT_SAID(rdmsr(msr) == value, "MSR ", Hex{msr}, " wrote ", Hex{value}, " read ",
                Hex{rdmsr(msr)});
}

void expect_keeps_each_bit(uint32_t msr, uint64_t bits)
{
    for (unsigned n = 0; n < 64; n++)
        if (bits >> n & 1)
            expect_keeps(msr, bit(n));
    expect_keeps(msr, bits);
    expect_keeps(msr, 0);
}

void expect_read_only(uint32_t msr)
{
    const uint64_t before = rdmsr(msr);
    EXPECT_SAID(try_wrmsr(msr, before) == kGeneralProtection, "MSR ", Hex{msr});
    EXPECT_SAID(try_wrmsr(msr, 0) == kGeneralProtection, "MSR ", Hex{msr});
}

}  // namespace

TEST(msr, event_select_keeps_what_is_written)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        expect_keeps_each_bit(pmu::kPerfEvtSel + n, 0xffffffff & ~pmu::kAny);
        expect_keeps_each_bit(pmu::kPerfEvtSel + n, pmu::kAdaptive);
    }
}

// Bits 32 and 33 belong to transactional memory.
TEST(msr, event_select_reserved_bits_fault)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        expect_reserved(pmu::kPerfEvtSel + n, 0xffffffff | bit(32) | bit(33) | pmu::kAdaptive);
}

TEST(msr, fixed_control_keeps_what_is_written)
{
    uint64_t any_thread = 0;
    for (unsigned n = 0; n < fixed_counters(); n++)
        any_thread |= pmu::fixed_ctrl(n, 4);
    expect_keeps_each_bit(pmu::kFixedCtrCtrl, fixed_ctrl_bits() & ~any_thread);
}

TEST(msr, fixed_control_reserved_bits_fault)
{
    expect_reserved(pmu::kFixedCtrCtrl, fixed_ctrl_bits());
}

// The manual deprecates it, and leaves open whether it can be set.
TEST(msr, model_any_thread_faults)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        expect_reserved(pmu::kPerfEvtSel + n, ~bit(21));
    for (unsigned n = 0; n < fixed_counters(); n++)
        expect_reserved(pmu::kFixedCtrCtrl, ~pmu::fixed_ctrl(n, 4));
}

TEST(msr, global_control_keeps_what_is_written)
{
    expect_keeps_each_bit(pmu::kGlobalCtrl, general_bits() | fixed_bits());
}

TEST(msr, global_control_reserved_bits_fault)
{
    expect_reserved(pmu::kGlobalCtrl, general_bits() | fixed_bits());
}

TEST(msr, global_status_is_read_only)
{
    expect_read_only(pmu::kGlobalStatus);
}

TEST(msr, in_use_is_read_only)
{
    expect_read_only(pmu::kGlobalInUse);
}

TEST(msr, capabilities_are_read_only)
{
    expect_read_only(pmu::kPerfCapabilities);
}

TEST(msr, status_can_be_set_and_reset_bit_by_bit)
{
    const uint64_t bits = general_bits() | fixed_bits() | pmu::kFrozen | bit(58) | pmu::kDsOverflow;
    for (unsigned n = 0; n < 64; n++) {
        if (!(bits >> n & 1))
            continue;
        EXPECT_EQ(0, try_wrmsr(pmu::kGlobalStatusSet, bit(n)));
        EXPECT_EQ(bit(n), pmu::status());
        EXPECT_EQ(0, try_wrmsr(pmu::kGlobalStatusReset, bits & ~bit(n)));
        EXPECT_EQ(bit(n), pmu::status());
        EXPECT_EQ(0, try_wrmsr(pmu::kGlobalStatusReset, bit(n)));
        EXPECT_EQ(0, pmu::status());
    }
}

// 55 is for processor trace, 60 for SGX, 48 for metrics.
TEST(msr, status_set_and_reset_reserved_bits_fault)
{
    const uint64_t maybe = bit(48) | bit(55) | bit(58) | bit(59) | bit(60) | bit(61) | bit(62) |
                           bit(63) | general_bits() | fixed_bits();
    for (unsigned n = 0; n < 64; n++) {
        if (maybe >> n & 1)
            continue;
        EXPECT_SAID(try_wrmsr(pmu::kGlobalStatusSet, bit(n)) == kGeneralProtection, "bit ", n);
        EXPECT_SAID(try_wrmsr(pmu::kGlobalStatusReset, bit(n)) == kGeneralProtection, "bit ", n);
    }
}

TEST(msr, in_use_follows_the_settings)
{
    EXPECT_EQ(0, rdmsr(pmu::kGlobalInUse));
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        wrmsr(pmu::kPerfEvtSel + n, pmu::kInstructions);
        EXPECT_EQ(bit(n), rdmsr(pmu::kGlobalInUse));
        wrmsr(pmu::kPerfEvtSel + n, pmu::kInstructions | pmu::kInt);
        EXPECT_EQ(bit(n) | bit(63), rdmsr(pmu::kGlobalInUse));
        wrmsr(pmu::kPerfEvtSel + n, 0);
    }
    for (unsigned n = 0; n < pmu::kFixed; n++) {
        wrmsr(pmu::kFixedCtrCtrl, pmu::fixed_ctrl(n, pmu::kFixedUsr));
        EXPECT_EQ(pmu::fixed_bit(n), rdmsr(pmu::kGlobalInUse));
        wrmsr(pmu::kFixedCtrCtrl, pmu::fixed_ctrl(n, pmu::kFixedUsr | pmu::kFixedPmi));
        EXPECT_EQ(pmu::fixed_bit(n) | bit(63), rdmsr(pmu::kGlobalInUse));
    }
    wrmsr(pmu::kFixedCtrCtrl, 0);
    wrmsr(pmu::kPebsEnable, 1);
    EXPECT_EQ(bit(63), rdmsr(pmu::kGlobalInUse));
}

TEST(msr, pebs_enable)
{
    expect_keeps_each_bit(pmu::kPebsEnable, general_bits() | fixed_bits());
    expect_reserved(pmu::kPebsEnable, general_bits() | fixed_bits());
}

TEST(msr, pebs_data_cfg)
{
    expect_keeps_each_bit(pmu::kPebsDataCfg, 0x1f00000f);
    expect_reserved(pmu::kPebsDataCfg, 0xff00000f);
}

// Linux looks for the register by writing 0x11.
TEST(msr, load_latency_threshold)
{
    expect_keeps(pmu::kPebsLdLat, 0x11);
    expect_keeps_each_bit(pmu::kPebsLdLat, 0xffff);
    expect_reserved(pmu::kPebsLdLat, 0xffff);
}

TEST(msr, ds_area_must_be_canonical)
{
    expect_keeps(pmu::kDsArea, 0x00007ffffffff000);
    expect_keeps(pmu::kDsArea, 0xffff800000000000);
    EXPECT_EQ(kGeneralProtection, try_wrmsr(pmu::kDsArea, 0x0000800000000000));
    EXPECT_EQ(kGeneralProtection, try_wrmsr(pmu::kDsArea, 0xffff7ffffffff000));
    EXPECT_EQ(0xffff800000000000, rdmsr(pmu::kDsArea));
}

TEST(msr, debugctl)
{
    expect_keeps(pmu::kDebugCtl, bit(14));  // what Linux writes: freeze in SMM
    expect_keeps(pmu::kDebugCtl, pmu::kFreezeOnPmi);
    expect_keeps(pmu::kDebugCtl, pmu::kFreezeOnPmi | bit(11));
    wrmsr(pmu::kDebugCtl, 0);
    const bool bus_lock_detection = cpuid(7).ecx & bit(24);
    expect_reserved(pmu::kDebugCtl, 0xffc3 | (bus_lock_detection ? 4 : 0));
}

TEST(msr, counters_keep_48_bits)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        expect_keeps_each_bit(pmu::kFullWidthPmc + n, pmu::kCounterMask);
    for (unsigned n = 0; n < pmu::kFixed; n++)
        expect_keeps_each_bit(pmu::kFixedCtr + n, pmu::kCounterMask);
}

TEST(msr, full_width_writes_fault_beyond_the_width)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        expect_reserved(pmu::kFullWidthPmc + n, pmu::kCounterMask);
}

TEST(msr, legacy_writes_extend_the_sign_of_32_bits)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        wrmsr(pmu::kPmc + n, 0x7fffffff);
        EXPECT_EQ(0x7fffffffu, pmu::counter(n));
        wrmsr(pmu::kPmc + n, 0x80000000);
        EXPECT_EQ(0xffff80000000, pmu::counter(n));
        wrmsr(pmu::kPmc + n, 0xdeadbeef00000001);
        EXPECT_EQ(1u, pmu::counter(n));
        wrmsr(pmu::kPmc + n, -5ull);
        EXPECT_EQ(pmu::before_overflow(5), pmu::counter(n));
    }
}

TEST(msr, both_addresses_are_one_counter)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        wrmsr(pmu::kFullWidthPmc + n, 0x123456789abc + n);
        EXPECT_EQ(0x123456789abc + n, rdmsr(pmu::kPmc + n));
        EXPECT_EQ(0x123456789abc + n, rdmsr(pmu::kFullWidthPmc + n));
    }
}

// Linux probes them, and does without if they read 0.
TEST(msr, absent_facilities_read_zero)
{
    for (const uint32_t msr :
         {pmu::kOffcoreRsp0, pmu::kOffcoreRsp1, pmu::kPebsFrontend, pmu::kLbrTos}) {
        uint64_t value = 1;
        EXPECT_EQ(0, try_rdmsr(msr, value));
        EXPECT_EQ(0, value);
    }
}

TEST(msr, each_counter_is_apart)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        pmu::set_counter(n, 100 + n);
    for (unsigned n = 0; n < pmu::kFixed; n++)
        wrmsr(pmu::kFixedCtr + n, 200 + n);
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        EXPECT_EQ(100 + n, pmu::counter(n));
    for (unsigned n = 0; n < pmu::kFixed; n++)
        EXPECT_EQ(200 + n, pmu::fixed_counter(n));
}
