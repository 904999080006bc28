// SPDX-License-Identifier: GPL-2.0-or-later
// The guest's memory is elastic while Sluice works: what nobody touches costs the host nothing, a
// balloon takes memory of either tier and gives it back, and memory is added.

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest/host.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::balloon_mib;
using guest::Counters;
using guest::kFast;
using guest::kMiB;
using guest::kSlow;
using std::chrono::milliseconds;
using std::chrono::seconds;

uint64_t free_mib(int node)
{
    return guest::node_free_kb(node) / 1024;
}

// Frame of each page; 0 where there is none.
std::vector<uint64_t> frames_of(const guest::Buffer &b)
{
    constexpr uint64_t kPresent = 1ull << 63, kFrame = (1ull << 55) - 1;
    std::vector<uint64_t> entries(b.pages());
    const size_t bytes = entries.size() * sizeof(uint64_t);
    const int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    const auto at = static_cast<off_t>(b.start() / guest::kPage * sizeof(uint64_t));
    EXPECT_EQ(pread(map, entries.data(), bytes, at), static_cast<ssize_t>(bytes));
    close(map);
    for (uint64_t &entry : entries)
        entry = entry & kPresent ? entry & kFrame : 0;
    return entries;
}

// What is plugged lies there, and nothing else does.
size_t pages_above_4gib(const guest::Buffer &b)
{
    return static_cast<size_t>(std::ranges::count_if(
        frames_of(b), [](uint64_t frame) { return frame * guest::kPage >= 1ull << 32; }));
}

// The file that tells whether the memory block with this frame is online.
std::string block_state(uint64_t frame)
{
    const std::string memory = "/sys/devices/system/memory/";
    const uint64_t block = std::stoull(guest::read_text(memory + "block_size_bytes"), nullptr, 16);
    return memory + "memory" + std::to_string(frame * guest::kPage / block) + "/state";
}

// Holds the first page of a buffer as a page of a pipe: Linux tries to move it again and again.
class HeldPage {
public:
    explicit HeldPage(const guest::Buffer &b)
    {
        EXPECT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
        const iovec page{reinterpret_cast<void *>(b.start()), guest::kPage};
        EXPECT_EQ(vmsplice(pipe_[1], &page, 1, 0), static_cast<ssize_t>(guest::kPage));
    }
    ~HeldPage()
    {
        close(pipe_[0]);
        close(pipe_[1]);
    }
    HeldPage(const HeldPage &) = delete;
    HeldPage &operator=(const HeldPage &) = delete;

private:
    int pipe_[2];
};

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

    void plug_into_slow(uint64_t mib)
    {
        const auto total = [] { return guest::node_meminfo_kb(kSlow, "MemTotal") / 1024; };
        const uint64_t before = total();
        ASSERT_EQ(
            guest::write_text("/sys/devices/system/memory/auto_online_blocks", "online_movable"),
            0);
        host_.plug(mib, kSlow);
        ASSERT_TRUE(eventually(seconds(60), [&] { return total() >= before + mib; }))
            << total() << " MiB";
    }

    // Cold memory, until so much of the fast tier is left.
    void fill_fast_tier(uint64_t free)
    {
        while (free_mib(kFast) > free && cold_.size() < 60) {
            cold_.push_back(std::make_unique<guest::Buffer>(4 * kMiB, 100 + cold_.size()));
            cold_.back()->move_to(kFast);
        }
    }

    // Works on the buffer all the time, until it is true or the time is over.
    static bool load_until(guest::Buffer &b, seconds at_most,
                           const std::function<bool()> &condition)
    {
        const auto end = std::chrono::steady_clock::now() + at_most;
        while (!condition()) {
            if (std::chrono::steady_clock::now() >= end)
                return false;
            EXPECT_GT(b.load(milliseconds(200)), 0u) << "memory was corrupted";
        }
        return true;
    }

    // Until so much of it (in percent) is in the fast tier.
    static bool load_until_fast(guest::Buffer &b, unsigned percent)
    {
        return load_until(b, seconds(90),
                          [&b, percent] { return b.pages_on(kFast) * 100 >= b.pages() * percent; });
    }

    // What the second next epoch has to share out; the next one may have begun already.
    static uint64_t capacity_after_an_epoch(guest::Buffer &b)
    {
        const auto epochs = Counters::now()["sluice_epochs"];
        EXPECT_TRUE(load_until(b, seconds(90), [epochs] {
            return Counters::now()["sluice_epochs"] >= epochs + 2 && capacity_kb() > 0;
        })) << "no epoch, or not managed";
        return capacity_kb() / 1024;
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
    guest::Buffer buffer(32 * kMiB, 1);
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    EXPECT_GE(resident(), resident_before + 16) << "it does not see what is touched";
    ASSERT_TRUE(load_until_fast(buffer, 80));
    const auto used = free_before - std::min(free_before, free_mib(kSlow));
    EXPECT_LE(resident(), resident_before + buffer.bytes() / kMiB + used + kNoiseMib);
    EXPECT_EQ(worker.stop(), 0);
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

// A tier that has become half as large holds the hottest half; once it grows, the rest follows.
TEST_F(Elastic, ABalloonTakesHalfOfTheFastTierAndGivesItBack)
{
    constexpr uint64_t kTaken = 128, kRoom = 12;
    guest::Buffer hot(32 * kMiB, 2);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages());
    guest::Child worker(work);
    enable();
    const auto free_before = free_mib(kFast), whole = capacity_after_an_epoch(hot);
    ASSERT_GT(free_before, kTaken + kRoom) << "the fast tier has no such half";
    hot.move_to(kSlow);  // an epoch may bring some back before they are counted
    fill_balloon(kTaken);
    EXPECT_LE(free_mib(kFast), free_before - kTaken * 3 / 4) << "it came from somewhere else";
    EXPECT_LE(capacity_after_an_epoch(hot), whole - kTaken * 3 / 4);

    Ballast ballast(kFast, guest::node_high_kb(kFast) + kRoom * 1024);
    hot.move_to(kSlow);
    EXPECT_FALSE(load_until(hot, seconds(20), [&hot] { return hot.pages_on(kSlow) == 0; }))
        << "all of it fits: this test shows nothing";
    const auto half = capacity_after_an_epoch(hot);

    fill_balloon(0);
    EXPECT_GE(capacity_after_an_epoch(hot), half + kTaken * 3 / 4);
    EXPECT_TRUE(load_until_fast(hot, 90)) << hot.pages_on(kFast) << " pages are fast";
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
    guest::Buffer hot(32 * kMiB, 4);
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
    constexpr uint64_t kLeft = 64, kAdded = 256;
    enable();
    guest::Child worker(work);
    fill_fast_tier(24);
    fill_balloon(free_mib(kSlow) - kLeft);
    plug_into_slow(kAdded);

    guest::Buffer hot(32 * kMiB, 5);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages());
    ASSERT_GE(pages_above_4gib(hot) * 2, hot.pages()) << "it does not lie in the new memory";
    EXPECT_TRUE(load_until_fast(hot, 80));
    EXPECT_EQ(worker.stop(), 0);
    EXPECT_EQ(hot.corrupt_words(), 0u);
    expect_nothing_corrupt();
}

// Taking memory offline holds the memory hotplug lock until its last page has moved; one that is
// held never does, until we give up.
TEST_F(Elastic, EpochsDoNotWaitForMemoryThatCannotLeave)
{
    plug_into_slow(128);
    guest::Buffer small(kMiB, 6);
    ASSERT_EQ(small.move_to(kSlow), small.pages());
    ASSERT_EQ(pages_above_4gib(small), small.pages()) << "it does not lie in the new memory";
    const HeldPage held(small);
    const std::string state = block_state(frames_of(small).front());
    guest::Child offliner(
        [&state] { return guest::write_text(state, "offline") == EINTR ? 0 : 1; });
    ASSERT_TRUE(eventually(seconds(30), [&state] {
        return guest::read_text(state) == "going-offline\n";
    })) << guest::read_text(state);

    guest::Buffer hot(32 * kMiB, 5);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages());
    enable();
    EXPECT_TRUE(load_until_fast(hot, 80));
    EXPECT_EQ(guest::read_text(state), "going-offline\n") << "there was nothing to wait for";
    EXPECT_EQ(offliner.stop(), 0) << "1: it was not interrupted";
    EXPECT_EQ(guest::read_text(state), "online\n");
    EXPECT_EQ(small.corrupt_words(), 0u);
    EXPECT_EQ(hot.corrupt_words(), 0u);
}

}  // namespace
