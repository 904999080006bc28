// SPDX-License-Identifier: GPL-2.0-or-later
// One owner: a sample belongs to the process that ran, and to no other.

#include <unistd.h>

#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uintptr_t kFirstAt = 0x100000000000;
constexpr uintptr_t kSecondAt = 0x200000000000;
constexpr size_t kBytes = 24 * kMiB;

// Loads at random from memory of its own at an address that is nobody else's.
int worker(uintptr_t at)
{
    guest::pin_to_cpu(0);
    guest::Buffer buffer(kBytes, at, at);
    while (!guest::Child::stopped()) {
        if (buffer.load(milliseconds(3)) == 0)
            return 1;
        sched_yield();
    }
    return 0;
}

uint64_t counted(const guest::ProcessView &view, uintptr_t at)
{
    uint64_t sum = 0;
    for (const auto &r : view.ranges)
        if (r.start < at + kBytes && r.end > at)
            sum += r.count_milli;
    return sum;
}

class Owner : public SluiceTest {};

// Both share CPU 0 and its buffer. Had a switch handed over undrained records, they
// would carry addresses that the other process has not mapped: out of its ranges.
TEST_F(Owner, SwitchingProcessesDoNotMixTheirSamples)
{
    set("sample_period", "251");
    set("min_rss_kb", "0");
    guest::pin_to_cpu(1);
    guest::Child first([] { return worker(kFirstAt); });
    guest::Child second([] { return worker(kSecondAt); });
    enable();
    ASSERT_TRUE(eventually(seconds(60), [&] {
        return guest::process_view(first.pid()).samples > 0 &&
               guest::process_view(second.pid()).samples > 0;
    })) << "the workers were not managed";

    // From here on both have channels and ranges.
    const auto before = Counters::now();
    std::this_thread::sleep_for(seconds(8));
    const auto one = guest::process_view(first.pid());
    const auto two = guest::process_view(second.pid());
    const auto d = Counters::now().since(before);
    EXPECT_EQ(first.stop(), 0);
    EXPECT_EQ(second.stop(), 0);
    disable();

    EXPECT_GT(d["sluice_drain_switch"], 50u) << "they hardly switched: this test shows nothing";
    EXPECT_GT(d["sluice_classified"], 1000u);
    // Stacks and libraries miss, too, but rarely.
    EXPECT_LE(d["sluice_drop_out_of_range"] * 100, d["sluice_classified"]);
    EXPECT_GT(counted(one, kFirstAt), 0u) << one.text;
    EXPECT_GT(counted(two, kSecondAt), 0u) << two.text;
    EXPECT_EQ(counted(one, kSecondAt), 0u) << one.text;
    EXPECT_EQ(counted(two, kFirstAt), 0u) << two.text;
}

// Exec brings a new address space: what the old one left is not the new one's.
TEST_F(Owner, ExecAndExitLoseNothing)
{
    set("sample_period", "251");
    set("min_rss_kb", "0");
    guest::program_that_does_nothing();
    const auto before = Counters::now();
    enable();
    for (int i = 0; i < 20; i++) {
        guest::Child child([] {
            guest::pin_to_cpu(0);
            guest::Buffer buffer(8 * kMiB, 7);
            if (buffer.load(milliseconds(100)) == 0)
                return 1;
            execl(guest::program_that_does_nothing(), "nothing", nullptr);
            return 127;
        });
        ASSERT_EQ(child.wait(), 0);
    }
    disable();
    const auto d = Counters::now().since(before);
    EXPECT_GT(d["sluice_drain_exec"], 0u);
    EXPECT_GT(d["sluice_records"], 0u);
    EXPECT_EQ(d.in_flight(), 0);
}

}  // namespace
