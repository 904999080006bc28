// SPDX-License-Identifier: GPL-2.0-or-later
// Where Sluice cannot work it says why and leaves nothing behind.

#include <map>

#include <gtest/gtest.h>

#include <unistd.h>

#include "guest/kernel.h"
#include "guest/memory.h"

namespace {

using guest::kMiB;
using std::chrono::milliseconds;

std::map<std::string, std::string> all_knobs()
{
    std::map<std::string, std::string> knobs;
    for (const auto &name : guest::kKnobs)
        knobs[name] = guest::read_knob(name);
    knobs["enabled"] = guest::read_knob("enabled");
    return knobs;
}

class Refuse : public testing::Test {
protected:
    void SetUp() override { ASSERT_EQ(guest::read_knob("enabled"), "0"); }

    static void expect_refusal(const std::string &error, const std::string &message)
    {
        const auto before = all_knobs();
        guest::KernelLog log(guest::KernelLog::kNow);
        EXPECT_EQ(guest::error_name(guest::write_knob("enabled", "1")), error);
        EXPECT_TRUE(log.has(message));
        EXPECT_EQ(all_knobs(), before);
    }

    // After a refusal, memory may be worked as hard as one likes: nobody looks.
    static void expect_nothing_left()
    {
        guest::write_knob("enabled", "1");
        const auto before = guest::Counters::now();
        guest::Buffer buffer(32 * kMiB, 1);
        ASSERT_GT(buffer.load(milliseconds(1500)), 0u);
        const auto after = guest::Counters::now();
        ASSERT_FALSE(after.with_prefix("sluice_").empty());
        EXPECT_EQ(after.with_prefix("sluice_"), before.with_prefix("sluice_"));
        EXPECT_EQ(guest::process_view(getpid()).text, "unmanaged\n");
    }

    static void expect_no_growth()
    {
        guest::write_knob("enabled", "1");  // whatever is made once is made now
        const auto per_cpu = guest::meminfo_kb("Percpu");
        const auto vmalloc = guest::meminfo_kb("VmallocUsed");
        for (int i = 0; i < 100; i++)
            guest::write_knob("enabled", "1");
        EXPECT_EQ(guest::meminfo_kb("Percpu"), per_cpu);
        EXPECT_EQ(guest::meminfo_kb("VmallocUsed"), vmalloc);
    }
};

class RefuseNoPebs : public Refuse {};
class RefuseFlat : public Refuse {};

TEST_F(RefuseNoPebs, SaysWhatIsMissing)
{
    expect_refusal("ENODEV", "sluice: cannot enable: ");
}

TEST_F(RefuseNoPebs, LeavesNothingBehind)
{
    expect_nothing_left();
}

TEST_F(RefuseNoPebs, DoesNotGrow)
{
    expect_no_growth();
}

TEST_F(RefuseFlat, SaysThatThereIsOneTier)
{
    expect_refusal("EOPNOTSUPP", "sluice: cannot enable: one memory tier only");
}

TEST_F(RefuseFlat, LeavesNothingBehind)
{
    expect_nothing_left();
}

TEST_F(RefuseFlat, DoesNotGrow)
{
    expect_no_growth();
}

}  // namespace
