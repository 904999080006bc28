// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's perf stat on a kernel without our patches: counts of programs that are known to the
// instruction.

#include <gtest/gtest.h>

#include "guest/kernel.h"
#include "guest/perf_tool.h"
#include "guest/perf_work.h"

namespace {

using Counts = std::map<std::string, uint64_t>;

TEST(PerfGuest, RunsDebiansOwnKernelAndPerf)
{
    EXPECT_NE(guest::read_text("/proc/version").find("debian-kernel@lists.debian.org"),
              std::string::npos);
    EXPECT_TRUE(guest::read_text("/proc/sys/vm/sluice/enabled").empty());
    const auto version = guest::run(guest::perf() + " --version");
    EXPECT_EQ(version.status, 0) << version.text;
    EXPECT_TRUE(version.text.starts_with("perf version 6.12.")) << version.text;
    guest::KernelLog log(guest::KernelLog::kStart);
    EXPECT_TRUE(log.has("PEBS fmt4+-baseline, Icelake events"));
}

// The job asks for it with pti=on or pti=off on the kernel's command line.
TEST(PerfGuest, PageTableIsolationIsAsAskedFor)
{
    const auto line = guest::read_text("/proc/cmdline");
    const bool on = line.find("pti=on") != std::string::npos;
    ASSERT_NE(on, line.find("pti=off") != std::string::npos) << line;
    EXPECT_EQ(guest::read_text("/proc/cpuinfo").find(" pti ") != std::string::npos, on);
}

// One run of perf stat, several things to look at.
class PerfStatExact : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        counts_ = guest::perf_stat(
            "{instructions:u,instructions:k,instructions},cycles:u,ref-cycles:u,"
            "mem_inst_retired.all_loads:u,mem_inst_retired.all_stores:u",
            guest::work("exact"));
    }
    static inline Counts counts_;
};

TEST_F(PerfStatExact, InstructionsOfUserModeToTheLast)
{
    EXPECT_EQ(counts_.at("instructions:u"), uint64_t{WORK_EXACT_INSTRUCTIONS});
}

TEST_F(PerfStatExact, UserAndKernelAddUp)
{
    EXPECT_GT(counts_.at("instructions:k"), 1000u);
    EXPECT_EQ(counts_.at("instructions:u") + counts_.at("instructions:k"),
              counts_.at("instructions"));
}

TEST_F(PerfStatExact, LoadsAndStoresToTheLast)
{
    EXPECT_EQ(counts_.at("mem_inst_retired.all_loads:u"), uint64_t{WORK_EXACT_LOADS});
    EXPECT_EQ(counts_.at("mem_inst_retired.all_stores:u"), uint64_t{WORK_EXACT_STORES});
}

// One cycle an instruction, and stalls for the few lines that are new to the cache.
TEST_F(PerfStatExact, CyclesAreInstructionsAndStalls)
{
    const auto instructions = uint64_t{WORK_EXACT_INSTRUCTIONS};
    EXPECT_GE(counts_.at("cycles:u"), instructions);
    EXPECT_LT(counts_.at("cycles:u"), instructions + 20'000);
    EXPECT_GT(counts_.at("ref-cycles:u"), 0u);
}

// The cache model on random loads of 64 MiB behind 4 MiB.
class PerfStatCache : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        counts_ = guest::perf_stat(
            "mem_inst_retired.all_loads:u,mem_load_retired.l1_hit:u,mem_load_retired.l3_hit:u,"
            "mem_load_retired.l3_miss:u,cache-references:u,cache-misses:u",
            guest::work("uniform"));
    }
    static inline Counts counts_;
};

TEST_F(PerfStatCache, EveryLoadIsServedSomewhere)
{
    EXPECT_EQ(counts_.at("mem_inst_retired.all_loads:u"), uint64_t{WORK_TURNS + WORK_LOADS_BEFORE});
    EXPECT_EQ(counts_.at("mem_load_retired.l1_hit:u") + counts_.at("mem_load_retired.l3_hit:u") +
                  counts_.at("mem_load_retired.l3_miss:u"),
              counts_.at("mem_inst_retired.all_loads:u"));
}

TEST_F(PerfStatCache, MissesAreWhatTheSizesSay)
{
    const auto misses = static_cast<double>(counts_.at("mem_load_retired.l3_miss:u"));
    EXPECT_NEAR(misses / WORK_TURNS, 1 - 4.0 / 64, 0.01);
    // These two count the stores as well: one for each page.
    const auto stores = uint64_t{WORK_BYTES / 4096};
    EXPECT_GE(counts_.at("cache-misses:u"), counts_.at("mem_load_retired.l3_miss:u"));
    EXPECT_LE(counts_.at("cache-misses:u"), counts_.at("mem_load_retired.l3_miss:u") + stores);
    EXPECT_GE(counts_.at("cache-references:u"), counts_.at("cache-misses:u"));
}

TEST(PerfStat, TiersAreToldApart)
{
    const std::string events =
        "mem_load_retired.l3_miss:u,mem_load_l3_miss_retired.local_dram:u,"
        "mem_load_l3_miss_retired.remote_dram:u";
    for (const char *mode : {"uniform", "slow"}) {
        SCOPED_TRACE(mode);
        const auto counts = guest::perf_stat(events, guest::work(mode));
        const auto local = counts.at("mem_load_l3_miss_retired.local_dram:u");
        const auto remote = counts.at("mem_load_l3_miss_retired.remote_dram:u");
        const auto misses = counts.at("mem_load_retired.l3_miss:u");
        EXPECT_EQ(local + remote, misses);
        EXPECT_GE(mode == std::string("slow") ? remote : local, misses - 10);
    }
}

TEST(PerfStat, BranchesAreCountedAndSomeMispredicted)
{
    const auto counts = guest::perf_stat("branches:u,branch-misses:u", guest::work("exact"));
    // The system call that ends the program is a far branch; it may count.
    EXPECT_GE(counts.at("branches:u"), uint64_t{WORK_EXACT_BRANCHES});
    EXPECT_LE(counts.at("branches:u"), uint64_t{WORK_EXACT_BRANCHES + 1});

    const auto random = guest::perf_stat("branches:u,branch-misses:u", guest::work("random"));
    EXPECT_NEAR(static_cast<double>(random.at("branches:u")), 2.0 * WORK_RANDOM_TURNS, 20);
    // Half of what nobody can foresee.
    EXPECT_NEAR(static_cast<double>(random.at("branch-misses:u")), WORK_RANDOM_TURNS / 2.0,
                WORK_RANDOM_TURNS / 50.0);
}

}  // namespace
