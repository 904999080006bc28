// SPDX-License-Identifier: GPL-2.0-or-later
// A CPU without a PMU: nothing of it is to be seen, and registers are as they were.
#include "pmu.h"
#include "rt/test.h"

using namespace rt;

TEST(off, cpuid_has_no_pmu, Where::everywhere, Time::any, "off")
{
    const Cpuid leaf = cpuid(0xa);
    EXPECT_EQ(0, leaf.eax);
    EXPECT_EQ(0, leaf.ebx);
    EXPECT_EQ(0, leaf.ecx);
    EXPECT_EQ(0, leaf.edx);
}

TEST(off, cpuid_has_no_debug_store, Where::everywhere, Time::any, "off")
{
    EXPECT(!(cpuid(1).edx & bit(21)));
    EXPECT(!(cpuid(1).ecx & bit(2)));
    EXPECT(!(cpuid(1).ecx & bit(15)));
}

// QEMU's way with registers that it does not know: they read 0, and writes go nowhere.
TEST(off, registers_are_not_there, Where::everywhere, Time::any, "off")
{
    for (const uint32_t msr :
         {uint32_t{pmu::kPerfCapabilities}, uint32_t{pmu::kPerfEvtSel}, uint32_t{pmu::kPmc},
          uint32_t{pmu::kFullWidthPmc}, uint32_t{pmu::kGlobalCtrl}, uint32_t{pmu::kGlobalStatus},
          uint32_t{pmu::kFixedCtrCtrl}, uint32_t{pmu::kPebsEnable}, uint32_t{pmu::kPebsDataCfg},
          uint32_t{pmu::kDsArea}}) {
        uint64_t value = 1;
        EXPECT_EQ(0, try_rdmsr(msr, value));
        EXPECT_EQ(0, value);
        EXPECT_EQ(0, try_wrmsr(msr, -1ull));
        EXPECT_EQ(0, try_rdmsr(msr, value));
        EXPECT_EQ(0, value);
    }
}

TEST(off, rdpmc_is_undefined, Where::everywhere, Time::any, "off")
{
    uint64_t value;
    EXPECT_EQ(kUndefined, try_rdpmc(0, value));
}

TEST(off, misc_enable_says_nothing_of_it, Where::everywhere, Time::any, "off")
{
    EXPECT(!(rdmsr(pmu::kMiscEnable) & bit(7)));
}
