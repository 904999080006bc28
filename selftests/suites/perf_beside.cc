// SPDX-License-Identifier: GPL-2.0-or-later
// What perf finds by itself, and one perf beside another one, each with PEBS events of its own.

#include <filesystem>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "guest/perf_tool.h"
#include "guest/perf_work.h"

namespace {

namespace fs = std::filesystem;

constexpr uint64_t kLoads = WORK_TURNS + WORK_LOADS_BEFORE;

// The kernel's own names of this PMU's events.
std::set<std::string> kernels_events()
{
    std::set<std::string> names;
    for (const auto &entry : fs::directory_iterator("/sys/bus/event_source/devices/cpu/events")) {
        const auto name = entry.path().filename().string();
        if (name.find('.') == std::string::npos)  // not units and scales
            names.insert(name);
    }
    return names;
}

TEST(PerfList, NamesWhatTheKernelOffersAndAllOfItCounts)
{
    const auto list = guest::run(guest::perf() + " list --no-desc");
    ASSERT_EQ(list.status, 0) << list.text;
    const auto names = kernels_events();
    for (const char *name :
         {"branch-instructions", "branch-misses", "cache-misses", "cache-references", "cpu-cycles",
          "instructions", "mem-loads", "mem-stores", "ref-cycles"})
        EXPECT_TRUE(names.contains(name)) << name;
    for (const auto &name : names) {
        EXPECT_NE(list.text.find(name), std::string::npos) << name;
        const auto event = fmt::format("cpu/{}/u", name);
        const auto counts = guest::perf_stat(event, guest::work("exact"));
        EXPECT_EQ(counts.size(), 1u) << event << " is not counted";
    }
    // And this model's, from perf's own tables.
    for (const char *name :
         {"mem_inst_retired.all_loads", "mem_load_retired.l3_miss",
          "mem_trans_retired.load_latency_gt_64", "mem_load_l3_miss_retired.remote_dram",
          "br_misp_retired.all_branches"})
        EXPECT_NE(list.text.find(name), std::string::npos) << name;
}

// The samples of a file, of those of the program that did what they say.
uint64_t samples_of_loads(const std::string &file)
{
    uint64_t count = 0;
    for (const auto &sample : guest::perf_script(file, guest::Registers::no)) {
        EXPECT_GE(sample.address, uint64_t{WORK_BUFFER});
        EXPECT_LT(sample.address, uint64_t{WORK_BUFFER} + WORK_BYTES);
        EXPECT_EQ(sample.symbol, "random_load+0x0");
        count++;
    }
    return count;
}

std::string record(const std::string &file, uint64_t period, const std::string &event)
{
    return fmt::format("{} record -q -o {} -d -W --per-thread -c {} -e {} {}", guest::perf(), file,
                       period, event, guest::work("uniform"));
}

// Both on one CPU, so that their events come and go there in turn; each gets all of its samples.
void expect_all_samples_of_both(uint64_t first_period, uint64_t second_period,
                                const std::string &second_options)
{
    const std::string event = "cpu/mem-loads,ldlat=3/Pu";
    const std::string first = "/tmp/first.data", second = "/tmp/second.data";
    const auto both = guest::run(fmt::format(
        "taskset -c 0 {} & taskset -c 0 {}; s=$?; wait $! && exit $s",
        record(first, first_period, event), record(second, second_period, event + second_options)));
    ASSERT_EQ(both.status, 0) << both.text;
    EXPECT_EQ(samples_of_loads(first), kLoads / first_period);
    EXPECT_EQ(samples_of_loads(second), kLoads / second_period);
}

TEST(PerfBeside, TwoPerfsAtOnceEachGetAllOfTheirSamples)
{
    expect_all_samples_of_both(1999, 3001, "");
}

// One perf wants each record at once, which takes the batches of the other one apart.
TEST(PerfBeside, AnotherPerfThatWantsEachRecordAtOnce)
{
    expect_all_samples_of_both(1999, 10007, " -g");
}

}  // namespace
