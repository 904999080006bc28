// SPDX-License-Identifier: GPL-2.0-or-later
// Every sample is accounted for, and the buffer never fills.

#include <unistd.h>

#include "guest/ktap_listener.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Accounting : public SluiceTest {
protected:
    // Loads until the ranges have got samples from it; false if they never do.
    static bool load_until_classified(guest::Buffer &buffer)
    {
        const auto before = Counters::now();
        return eventually(seconds(60), [&] {
            EXPECT_GT(buffer.load(milliseconds(500)), 0u) << "memory was corrupted";
            return Counters::now().since(before)["sluice_classified"] > 0;
        });
    }
};

TEST_F(Accounting, SamplesFlow)
{
    guest::Buffer buffer(48 * kMiB, 1);
    const auto before = Counters::now();
    enable();
    ASSERT_TRUE(load_until_classified(buffer));
    ASSERT_GT(buffer.load(seconds(4)), 0u);
    const auto view = guest::process_view(getpid());
    disable();

    const auto d = Counters::now().since(before);
    EXPECT_TRUE(view.managed) << view.text;
    EXPECT_GT(view.samples, 0u);
    EXPECT_GT(d["sluice_records"], 100u);
    EXPECT_GT(d["sluice_epochs"], 0u);
    // This program is nearly all that runs: most samples must have found its ranges.
    EXPECT_GT(d["sluice_classified"], d["sluice_records"] / 2);
}

TEST_F(Accounting, SamplesLandWhereTheLoadsWere)
{
    guest::Buffer buffer(48 * kMiB, 2);
    enable();
    ASSERT_TRUE(load_until_classified(buffer));
    ASSERT_GT(buffer.load(seconds(4)), 0u);
    const auto view = guest::process_view(getpid());
    disable();

    uint64_t inside = 0, outside = 0;
    for (const auto &r : view.ranges)
        (r.start < buffer.end() && r.end > buffer.start() ? inside : outside) += r.count_milli;
    EXPECT_GT(inside, 0u);
    EXPECT_LT(outside, inside / 10) << view.text;
}

TEST_F(Accounting, NothingIsMissingAfterDisable)
{
    for (int cycle = 0; cycle < 5; cycle++) {
        const auto before = Counters::now();
        enable();
        guest::Buffer buffer(32 * kMiB, 3);
        ASSERT_GT(buffer.load(milliseconds(1500)), 0u);
        disable();
        const auto d = Counters::now().since(before);
        EXPECT_GT(d["sluice_records"], 0u);
        EXPECT_EQ(d.in_flight(), 0) << "cycle " << cycle;
    }
}

TEST_F(Accounting, DrainsOfSeveralProcessesAddUp)
{
    const auto before = Counters::now();
    set("sample_period", "509");
    set("min_rss_kb", "0");
    enable();
    {
        const auto body = [] {
            guest::Buffer buffer(12 * kMiB, static_cast<uint64_t>(getpid()));
            while (!guest::Child::stopped())
                if (buffer.load(milliseconds(50)) == 0)
                    return 1;
            return 0;
        };
        guest::Child a(body), b(body), c(body), d(body);
        std::this_thread::sleep_for(seconds(6));
        for (auto *child : {&a, &b, &c, &d})
            EXPECT_EQ(child->stop(), 0) << "a child found its memory corrupted";
    }
    disable();
    const auto d = Counters::now().since(before);
    EXPECT_GT(d["sluice_drain_switch"], 0u);
    EXPECT_GT(d["sluice_records"], 100u);
    EXPECT_EQ(d.in_flight(), 0);
}

TEST_F(Accounting, NoPmiAtDefaults)
{
    const auto before = Counters::now();
    enable();
    guest::Buffer buffer(48 * kMiB, 4);
    ASSERT_GT(buffer.load(seconds(8)), 0u);
    disable();
    const auto d = Counters::now().since(before);
    ASSERT_GT(d["sluice_records"], 0u);
    EXPECT_EQ(d["sluice_pmis"], 0u);
    EXPECT_EQ(d["sluice_drain_pmi"], 0u);
}

// Runs last (names do not matter: tests of a suite keep their order). All records of
// this guest's life were ours, so the hardware must have written exactly as many.
TEST_F(Accounting, TellsTheHarnessWhatItDrained)
{
    const auto now = Counters::now();
    EXPECT_GT(now["sluice_records"], 0u);
    EXPECT_EQ(now.in_flight(), 0);
    guest::measured("sluice_records", now["sluice_records"]);
    guest::measured("sluice_pmis", now["sluice_pmis"]);
}

}  // namespace
