// SPDX-License-Identifier: GPL-2.0-or-later
// The guest's memory is elastic while Sluice works: what nobody touches costs the host nothing, a
// balloon takes memory of either tier and gives it back, and memory is added.

#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "guest/host.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::balloon_mib;
using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kFast = 0;
constexpr int kSlow = 1;

uint64_t free_mib(int node)
{
    return guest::node_free_kb(node) / 1024;
}

class Elastic : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        before_ = Counters::now();
    }

    void TearDown() override
    {
        fill_balloon(0);
        disable();
        EXPECT_EQ(Counters::now().since(before_).in_flight(), 0);
    }

    // Loads and verifies until it is told to stop, beside what the test itself does.
    static int work()
    {
        guest::Buffer buffer(24 * kMiB, static_cast<uint64_t>(getpid()));
        while (!guest::Child::stopped())
            if (buffer.load(milliseconds(20)) == 0)
                return 1;
        return buffer.corrupt_words() ? 2 : 0;
    }

    void fill_balloon(uint64_t mib)
    {
        host_.balloon(mib);
        EXPECT_TRUE(eventually(seconds(120), [mib] { return balloon_mib() == mib; }))
            << "the balloon holds " << balloon_mib() << " MiB instead of " << mib;
    }

    // Cold memory, until so much of the fast tier is left.
    void fill_fast_tier(uint64_t free)
    {
        while (free_mib(kFast) > free && cold_.size() < 60) {
            cold_.push_back(std::make_unique<guest::Buffer>(4 * kMiB, 100 + cold_.size()));
            cold_.back()->move_to(kFast);
        }
    }

    // Works on the buffer until so much of it (in percent) is in the fast tier.
    static bool load_until_fast(guest::Buffer &b, unsigned percent)
    {
        return eventually(seconds(180), [&] {
            EXPECT_GT(b.load(milliseconds(200)), 0u) << "memory was corrupted";
            return b.pages_on(kFast) * 100 >= b.pages() * percent;
        });
    }

    // So many epochs pass until another half of what is slow now is fast.
    static uint64_t epochs_until_it_moves(guest::Buffer &b)
    {
        const auto slow = b.pages_on(kSlow);
        const auto start = Counters::now();
        EXPECT_TRUE(eventually(seconds(180),
                               [&] {
                                   EXPECT_GT(b.load(milliseconds(50)), 0u)
                                       << "memory was corrupted";
                                   return b.pages_on(kSlow) * 2 <= slow;
                               }))
            << b.pages_on(kSlow) << " of " << slow << " pages are still in the slow tier";
        return Counters::now().since(start)["sluice_epochs"];
    }

    void expect_nothing_corrupt() const
    {
        for (const auto &b : cold_)
            EXPECT_EQ(b->corrupt_words(), 0u);
    }

    guest::Host host_;
    std::vector<std::unique_ptr<guest::Buffer>> cold_;
    Counters before_;
};

// The host gives pages to what the guest touches, and Sluice touches none on its own.
TEST_F(Elastic, WhatIsNeverTouchedStaysUnpopulated)
{
    constexpr uint64_t kNoiseMib = 32;
    const auto resident = [this] { return host_.resident_kb(kSlow) / 1024; };
    const auto resident_before = resident(), free_before = free_mib(kSlow);
    EXPECT_LT(resident_before, 512u) << "too much was touched before: this test shows nothing";
    enable();
    guest::Child worker(work);
    guest::Buffer buffer(64 * kMiB, 1);
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    EXPECT_GE(resident(), resident_before + 32) << "it does not see what is touched";
    ASSERT_TRUE(load_until_fast(buffer, 80));
    const auto used = free_before - std::min(free_before, free_mib(kSlow));
    EXPECT_LE(resident(), resident_before + buffer.bytes() / kMiB + used + kNoiseMib);
    EXPECT_EQ(worker.stop(), 0);
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

// A tier that has become half as large holds the hottest half; once it grows, the rest follows.
TEST_F(Elastic, ABalloonTakesHalfOfTheFastTierAndGivesItBack)
{
    constexpr uint64_t kTaken = 128;
    guest::Buffer hot(96 * kMiB, 2);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages());
    const auto free_before = free_mib(kFast);
    ASSERT_GT(free_before, kTaken) << "the fast tier has no such half";
    fill_balloon(kTaken);
    EXPECT_LE(free_mib(kFast), free_before - kTaken * 3 / 4) << "it came from somewhere else";

    enable();
    guest::Child worker(work);
    EXPECT_FALSE(eventually(seconds(20), [&hot] {
        EXPECT_GT(hot.load(milliseconds(200)), 0u);
        return hot.pages_on(kSlow) == 0;
    })) << "all of it fits: this test shows nothing";
    EXPECT_GT(hot.pages_on(kFast), 0u);

    fill_balloon(0);
    const auto epochs = epochs_until_it_moves(hot);
    EXPECT_LE(epochs, 4u) << "the next epoch sees the room, and moves as much as the limit allows";
    EXPECT_TRUE(load_until_fast(hot, 90));
    EXPECT_EQ(worker.stop(), 0);
    EXPECT_EQ(hot.corrupt_words(), 0u);
}

// The balloon hands pages back to the host; in what is left, hot and cold change places.
TEST_F(Elastic, ABalloonTakesHalfOfTheSlowTierAndGivesItBack)
{
    constexpr uint64_t kTaken = 512;
    {
        guest::Buffer touched((kTaken + 128) * kMiB, 3);
    }
    fill_fast_tier(24);
    guest::Buffer hot(48 * kMiB, 4);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages());
    enable();
    guest::Child worker(work);
    const auto resident = host_.resident_kb(kSlow) / 1024, free_before = free_mib(kSlow);
    fill_balloon(kTaken);
    EXPECT_LE(free_mib(kSlow), free_before - kTaken * 3 / 4) << "it came from somewhere else";
    EXPECT_LE(host_.resident_kb(kSlow) / 1024, resident - kTaken / 2)
        << "the host has not got it back";
    EXPECT_TRUE(load_until_fast(hot, 80));

    fill_balloon(0);
    EXPECT_GE(free_mib(kSlow) + 64, free_before);
    EXPECT_TRUE(load_until_fast(hot, 80));
    EXPECT_EQ(worker.stop(), 0);
    EXPECT_EQ(hot.corrupt_words(), 0u);
    expect_nothing_corrupt();
}

// Both tiers are full. What comes to the slow one is used, and what becomes hot there moves up.
TEST_F(Elastic, AddedMemoryIsManagedAsTheRest)
{
    constexpr uint64_t kLeft = 48, kAdded = 256;
    ASSERT_EQ(guest::write_text("/sys/devices/system/memory/auto_online_blocks", "online_movable"),
              0);
    enable();
    guest::Child worker(work);
    fill_fast_tier(24);
    fill_balloon(free_mib(kSlow) - kLeft);
    const auto total = guest::node_meminfo_kb(kSlow, "MemTotal") / 1024;
    host_.plug(kAdded, kSlow);
    ASSERT_TRUE(eventually(
        seconds(60),
        [total] { return guest::node_meminfo_kb(kSlow, "MemTotal") / 1024 >= total + kAdded; }))
        << guest::node_meminfo_kb(kSlow, "MemTotal") << " KiB";

    guest::Buffer hot(96 * kMiB, 5);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages()) << "at least half of it lies in the new memory";
    ASSERT_TRUE(eventually(seconds(60), [&hot] {
        EXPECT_GT(hot.load(milliseconds(50)), 0u);
        return guest::process_view(getpid()).managed;
    }));
    const auto epochs = epochs_until_it_moves(hot);
    EXPECT_LE(epochs, 8u);
    EXPECT_TRUE(load_until_fast(hot, 80));
    EXPECT_EQ(worker.stop(), 0);
    EXPECT_EQ(hot.corrupt_words(), 0u);
    expect_nothing_corrupt();
}

}  // namespace
