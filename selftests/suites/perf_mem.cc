// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's perf mem, samples across CPU hotplug, and the sum of all that this guest has sampled.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "guest/kernel.h"
#include "guest/ktap_listener.h"
#include "guest/perf_tool.h"
#include "guest/perf_work.h"

namespace {

constexpr uint64_t kLoads = WORK_TURNS + WORK_LOADS_BEFORE;

TEST(PerfMem, ReportNamesTheSlowTier)
{
    const std::string file = "/tmp/perf-mem.data";
    const auto record = guest::run(guest::perf() + " mem -t load record -q --ldlat 64 -c 997 -o " +
                                   file + " " + guest::work("slow"));
    ASSERT_EQ(record.status, 0) << record.text;

    const auto samples = guest::perf_script(file, guest::Registers::no);
    ASSERT_GT(samples.size(), 1500u);
    uint64_t remote = 0;
    for (const auto &sample : samples) {
        // 69 and 177 ns at 2 GHz
        ASSERT_EQ(sample.weight, sample.level == "Remote RAM hit" ? 354u : 138u) << sample.level;
        remote += sample.level == "Remote RAM hit";
    }
    EXPECT_GE(remote * 100, samples.size() * 99);

    const auto report =
        guest::run(guest::perf() + " mem report -q --stdio --sort=mem -i " + file + " 2>/dev/null");
    EXPECT_EQ(report.status, 0);
    fmt::print("{}", report.text);
    EXPECT_NE(report.text.find(fmt::format("{}  Remote RAM hit", remote)), std::string::npos);
}

// A CPU that was taken away and came back counts and samples as before. Not on a machine with one
// CPU.
class PerfHotplug : public testing::Test {
protected:
    static std::string last_cpu() { return std::to_string(sysconf(_SC_NPROCESSORS_CONF) - 1); }

    static void set_online(const std::string &state)
    {
        const auto file = "/sys/devices/system/cpu/cpu" + last_cpu() + "/online";
        ASSERT_EQ(guest::error_name(guest::write_text(file, state)), "success");
        ASSERT_EQ(guest::read_text(file), state + "\n");
    }

    static void expect_every_sample(guest::Registers registers)
    {
        const auto samples = guest::perf_record(
            "--per-thread -c 1999 -e cpu/mem-loads,ldlat=3/Pu",
            "taskset -c " + last_cpu() + " " + guest::work("uniform"), registers);
        uint64_t ours = 0;
        for (const auto &sample : samples) {
            if (!sample.symbol.starts_with("random_load"))
                continue;
            ours++;
            ASSERT_GE(sample.address, uint64_t{WORK_BUFFER});
            ASSERT_LT(sample.address, uint64_t{WORK_BUFFER} + WORK_BYTES);
            if (registers == guest::Registers::yes) {
                ASSERT_EQ(sample.registers.at("BX"), sample.address);
            }
        }
        // taskset's own loads before it becomes the program shift the first one.
        EXPECT_GE(ours, kLoads / 1999);
        EXPECT_LE(ours, kLoads / 1999 + 1);
    }
};

// The layout of the records has to change with the first event afterwards: this kernel believes
// that a CPU that comes back has the basic layout, and does not program the one that it used last.
// (The guest series repairs that.)
TEST_F(PerfHotplug, ACpuThatComesBackSamplesAsBefore)
{
    expect_every_sample(guest::Registers::yes);
    set_online("0");
    const auto counts = guest::perf_stat("instructions:u", "-a " + guest::work("exact"));
    EXPECT_GE(counts.at("instructions:u"), uint64_t{WORK_EXACT_INSTRUCTIONS});
    set_online("1");
    expect_every_sample(guest::Registers::no);
    expect_every_sample(guest::Registers::yes);
}

// Last (tests keep their order): QEMU's own figures must be the same; the manifest compares them.
TEST(PerfTotals, TellsTheHarnessWhatItSaw)
{
    EXPECT_GT(guest::pebs_samples(), 0u);
    guest::measured("pebs_samples", guest::pebs_samples());
    guest::measured("pmis", guest::pmis());
}

}  // namespace
