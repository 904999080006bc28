// SPDX-License-Identifier: GPL-2.0-or-later
// What the CPU says of its performance monitoring unit.
#include "pmu.h"
#include "rt/test.h"

using namespace rt;

TEST(cpuid, is_an_ice_lake_server)
{
    const uint32_t signature = cpuid(1).eax;
    EXPECT_EQ(6u, signature >> 8 & 15);
    EXPECT_EQ(0x6au, (signature >> 4 & 15) | (signature >> 12 & 0xf0));
}

// Linux takes its absence as a licence to touch LBR and off-core registers.
TEST(cpuid, says_that_it_is_a_guest)
{
    EXPECT(cpuid(1).ecx & bit(31));
}

TEST(cpuid, leaf_10_describes_version_5)
{
    const Cpuid leaf = cpuid(0xa);
    EXPECT_EQ(5u, leaf.eax & 0xff);
    EXPECT_EQ(8u, leaf.eax >> 8 & 0xff);
    EXPECT_EQ(48u, leaf.eax >> 16 & 0xff);
    EXPECT_EQ(8u, leaf.eax >> 24);  // events in ebx
    EXPECT_EQ(0u, leaf.ebx);        // none of which is missing
}

TEST(cpuid, leaf_10_describes_three_fixed_counters)
{
    const Cpuid leaf = cpuid(0xa);
    EXPECT_EQ(7u, leaf.ecx);
    EXPECT_EQ(3u, leaf.edx & 31);
    EXPECT_EQ(48u, leaf.edx >> 5 & 0xff);
    EXPECT_EQ(1u, leaf.edx >> 15 & 1);  // AnyThread is deprecated
    EXPECT_EQ(0x8603u, leaf.edx);
}

TEST(cpuid, leaf_1_has_debug_store_and_capabilities)
{
    const Cpuid leaf = cpuid(1);
    EXPECT(leaf.edx & bit(21));        // DS
    EXPECT(leaf.ecx & bit(2));         // DTES64
    EXPECT(leaf.ecx & bit(15));        // PDCM
    EXPECT_EQ(0u, leaf.ecx >> 4 & 1);  // DS-CPL qualifies branches, of which there is no store
}

TEST(cpuid, perf_capabilities)
{
    const uint64_t value = rdmsr(pmu::kPerfCapabilities);
    EXPECT_EQ(0u, value & 0x3f);     // LBR format
    EXPECT_EQ(1u, value >> 6 & 1);   // records by trap
    EXPECT_EQ(1u, value >> 7 & 1);   // with registers
    EXPECT_EQ(4u, value >> 8 & 15);  // of format 4
    EXPECT_EQ(1u, value >> 13 & 1);  // full-width writes
    EXPECT_EQ(1u, value >> 14 & 1);  // adaptive
    EXPECT_EQ(0x64c0u, value);
}

TEST(cpuid, misc_enable_has_monitoring_and_pebs_but_no_branch_store)
{
    const uint64_t value = rdmsr(pmu::kMiscEnable);
    EXPECT(value & bit(7));
    EXPECT(value & bit(11));
    EXPECT(!(value & bit(12)));
}

TEST(cpuid, misc_enable_bits_are_read_only)
{
    const uint64_t value = rdmsr(pmu::kMiscEnable);
    wrmsr(pmu::kMiscEnable, value ^ (bit(7) | bit(11) | bit(12)));
    EXPECT_EQ(value, rdmsr(pmu::kMiscEnable));
    wrmsr(pmu::kMiscEnable, value);
}
