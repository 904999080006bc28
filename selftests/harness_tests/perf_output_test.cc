// SPDX-License-Identifier: GPL-2.0-or-later
// What the perf suite reads from perf's output, and how it judges a distribution.

#include <array>

#include <gtest/gtest.h>

#include "guest/chi_square.h"
#include "guest/perf_output.h"

namespace {

constexpr char kLoad[] =
    "cpu/mem-loads,ldlat=3/Pu:     100000cdf570     11a68201042 |OP LOAD|LVL RAM hit|SNP Hit|"
    "TLB L1 or L2 hit|LCK No|BLK  N/A             138           4010cc random_load+0x0 ABI:2    "
    "BX:0x100000cdf570    CX:0x1e809c \n";

TEST(PerfOutput, SampleOfALoad)
{
    const auto samples = guest::parse_script(kLoad);
    ASSERT_EQ(samples.size(), 1u);
    EXPECT_EQ(samples[0].event, "cpu/mem-loads,ldlat=3/Pu");
    EXPECT_EQ(samples[0].address, 0x100000cdf570u);
    EXPECT_EQ(samples[0].ip, 0x4010ccu);
    EXPECT_EQ(samples[0].weight, 138u);
    EXPECT_EQ(samples[0].level, "RAM hit");
    EXPECT_EQ(samples[0].symbol, "random_load+0x0");
    EXPECT_EQ(samples[0].registers.at("CX"), 0x1e809cu);
}

TEST(PerfOutput, ALineThatIsNotUnderstoodIsAnError)
{
    EXPECT_THROW(guest::parse_script("Samples for 'x' event do not have ADDR attribute set.\n"),
                 std::runtime_error);
    std::string cut = kLoad;
    EXPECT_THROW(guest::parse_script(cut.substr(0, cut.find("138"))), std::exception);
}

TEST(PerfOutput, StatLeavesOutWhatWasNotCountedAllTheTime)
{
    const auto counts = guest::parse_stat(
        "# started on Wed\n\n"
        "6500008;;instructions:u;648506651;100.00;;\n"
        "17;;branches:u;648506651;49.80;;\n"
        "<not supported>;;ref-cycles:u;0;0.00;;\n");
    ASSERT_EQ(counts.size(), 1u);
    EXPECT_EQ(counts.at("instructions:u"), 6500008u);
}

TEST(PerfOutput, PreciseEvents)
{
    for (const char *event : {"cpu/mem-loads,ldlat=3/Pu", "instructions:upp", "cycles:P"})
        EXPECT_TRUE(guest::is_precise(event)) << event;
    for (const char *event : {"cycles:u", "instructions", "cpu/event=0xd0,umask=0x81/u"})
        EXPECT_FALSE(guest::is_precise(event)) << event;
}

TEST(PerfOutput, InterruptsOfAllCpus)
{
    EXPECT_EQ(guest::sum_of_interrupts("NMI:  9  9  Non-maskable interrupts\n"
                                       "PMI:  3  1  Performance monitoring interrupts\n",
                                       "PMI:"),
              4u);
}

// Values of the tables that every book has.
TEST(ChiSquare, TailIsThatOfTheTables)
{
    EXPECT_NEAR(guest::chi_square_tail(3.841, 1), 0.05, 1e-4);
    EXPECT_NEAR(guest::chi_square_tail(9.210, 2), 0.01, 1e-4);
    EXPECT_NEAR(guest::chi_square_tail(24.996, 15), 0.05, 1e-4);
    EXPECT_NEAR(guest::chi_square_tail(37.697, 15), 0.001, 1e-5);
    EXPECT_NEAR(guest::chi_square_tail(39.252, 16), 0.001, 1e-5);
    EXPECT_EQ(guest::chi_square_tail(0, 15), 1);
}

TEST(ChiSquare, TellsALoadedDie)
{
    std::array<double, 6> fair;
    fair.fill(1.0 / 6);
    const auto good = guest::chi_square(std::array<uint64_t, 6>{98, 103, 105, 95, 99, 100}, fair);
    EXPECT_EQ(good.degrees, 5u);
    EXPECT_NEAR(good.statistic, 0.64, 1e-9);
    EXPECT_GT(good.p, 0.9);
    EXPECT_LT(guest::chi_square(std::array<uint64_t, 6>{70, 70, 70, 70, 70, 250}, fair).p, 1e-6);
}

TEST(ChiSquare, WantsEnoughOfEachClass)
{
    EXPECT_THROW(guest::chi_square(std::array<uint64_t, 2>{1, 2}, std::array{0.5, 0.5}),
                 std::invalid_argument);
}

}  // namespace
