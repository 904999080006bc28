// SPDX-License-Identifier: GPL-2.0-or-later
// Off means free: no event, no memory, no count, before and after.

#include <fstream>

#include <unistd.h>

#include "guest/ktap_listener.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Off : public SluiceTest {
protected:
    // Loads, forks, and switches between processes.
    static void work()
    {
        guest::Buffer buffer(32 * kMiB, 1);
        guest::Child child([&buffer] { return buffer.load(seconds(1)) ? 0 : 1; });
        ASSERT_GT(buffer.load(seconds(1)), 0u);
        ASSERT_EQ(child.wait(), 0);
    }

    static void expect_frozen()
    {
        const auto before = Counters::now().with_prefix("sluice_");
        ASSERT_FALSE(before.empty()) << "the counters are always present";
        work();
        EXPECT_EQ(Counters::now().with_prefix("sluice_"), before);
        EXPECT_EQ(guest::process_view(getpid()).text, "unmanaged\n");
    }
};

TEST_F(Off, NothingHasHappenedSinceBoot)
{
    for (const auto &[name, value] : Counters::now().with_prefix("sluice_"))
        EXPECT_EQ(value, 0u) << name;
}

TEST_F(Off, CountersAreFrozen)
{
    expect_frozen();
}

// No record was written by the hardware either: the harness compares.
TEST_F(Off, NoEventIsProgrammed)
{
    EXPECT_EQ(Counters::now()["sluice_records"], 0u);
    guest::measured("sluice_records", Counters::now()["sluice_records"]);
}

}  // namespace
