// SPDX-License-Identifier: GPL-2.0-or-later
// A CPU that is added to a running machine counts and samples like the others. In a job of its own,
// whose machine has room for one.

#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "guest/kernel.h"
#include "guest/perf_tool.h"
#include "guest/perf_work.h"

namespace {

constexpr uint64_t kLoads = WORK_TURNS + WORK_LOADS_BEFORE;
constexpr uint64_t kPeriod = 1999;

std::string cpu_dir(long cpu)
{
    return fmt::format("/sys/devices/system/cpu/cpu{}", cpu);
}

bool appears(const std::string &path)
{
    for (int i = 0; i < 300; i++) {
        if (access(path.c_str(), F_OK) == 0)
            return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
}

TEST(PerfPlug, AnAddedCpuCountsAndSamplesLikeTheOthers)
{
    const long added = sysconf(_SC_NPROCESSORS_ONLN);
    ASSERT_NE(access(cpu_dir(added).c_str(), F_OK), 0) << "it is there already";
    // The harness reads the console.
    ASSERT_EQ(guest::write_text("/dev/kmsg", "<1>harness: plug\n"), 0);
    ASSERT_TRUE(appears(cpu_dir(added) + "/online")) << guest::run("dmesg | tail").text;
    if (guest::read_text(cpu_dir(added) + "/online") != "1\n") {
        ASSERT_EQ(guest::error_name(guest::write_text(cpu_dir(added) + "/online", "1")), "success");
    }
    ASSERT_EQ(sysconf(_SC_NPROCESSORS_ONLN), added + 1);

    const auto on_it = fmt::format("taskset -c {} ", added);
    const auto counts = guest::perf_stat("instructions:u", on_it + guest::work("exact"));
    EXPECT_GE(counts.at("instructions:u"), uint64_t{WORK_EXACT_INSTRUCTIONS});

    // The basic layout first: see PerfHotplug.
    for (const auto registers : {guest::Registers::no, guest::Registers::yes}) {
        uint64_t ours = 0;
        for (const auto &sample : guest::perf_record(
                 fmt::format("--per-thread -c {} -e cpu/mem-loads,ldlat=3/Pu", kPeriod),
                 on_it + guest::work("uniform"), registers)) {
            if (!sample.symbol.starts_with("random_load"))
                continue;
            ours++;
            ASSERT_GE(sample.address, uint64_t{WORK_BUFFER});
            ASSERT_LT(sample.address, uint64_t{WORK_BUFFER} + WORK_BYTES);
        }
        // taskset's own loads before it becomes the program shift the first one.
        EXPECT_GE(ours, kLoads / kPeriod);
        EXPECT_LE(ours, kLoads / kPeriod + 1);
    }
}

}  // namespace
