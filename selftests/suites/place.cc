// SPDX-License-Identifier: GPL-2.0-or-later
// What is hot moves to the fast tier, in exchange for what is cold.

#include <memory>

#include <unistd.h>

#include <fmt/format.h>

#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kFast;
using guest::kMiB;
using guest::kSlow;
using std::chrono::milliseconds;
using std::chrono::seconds;

class Place : public SluiceTest {
protected:
    // Works on the hot part until so much of it (in percent) is in the fast tier.
    static bool load_until_fast(guest::Buffer &b, size_t offset, size_t length, unsigned percent,
                                seconds at_most)
    {
        const size_t pages = length / guest::kPage;
        return eventually(at_most, [&] {
            EXPECT_GT(b.load(offset, length, milliseconds(500)), 0u) << "memory was corrupted";
            return b.pages_on(kFast, offset, length) * 100 >= pages * percent;
        });
    }

    static std::string where(const guest::Buffer &b, size_t offset, size_t length)
    {
        return fmt::format("fast {} slow {} of {} pages", b.pages_on(kFast, offset, length),
                           b.pages_on(kSlow, offset, length), length / guest::kPage);
    }

    // 16 MiB of a buffer become hot and have to move up; what was counted meanwhile.
    Counters heat_the_middle(guest::Buffer &b)
    {
        const size_t hot = 16 * kMiB;
        const auto before = Counters::now();
        enable();
        EXPECT_TRUE(load_until_fast(b, 24 * kMiB, hot, 90, seconds(90)))
            << where(b, 24 * kMiB, hot);
        disable();
        const auto d = Counters::now().since(before);
        EXPECT_GE(d["sluice_promoted"], hot * 9 / 10 / guest::kPage);
        return d;
    }

    // Reclaim of any kind, by name: Sluice must not be the cause.
    static std::string reclaim(const Counters &c)
    {
        std::string all;
        for (const char *prefix :
             {"pgscan_", "pgsteal_", "pgdemote_", "allocstall_", "pageoutrun", "kswapd_inodesteal"})
            for (const auto &[name, value] : c.with_prefix(prefix))
                if (value != 0)
                    all += fmt::format("{}={} ", name, value);
        return all;
    }
};

TEST_F(Place, HotSetMovesUp)
{
    guest::Buffer buffer(64 * kMiB, 1);
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    const auto d = heat_the_middle(buffer);
    EXPECT_EQ(buffer.corrupt_words(), 0u);
    EXPECT_EQ(d.in_flight(), 0);
}

// Shared memory and files are pages like any other.
class PlaceKinds : public Place, public testing::WithParamInterface<guest::Backing> {};

TEST_P(PlaceKinds, HotSetMovesUp)
{
    guest::Buffer buffer(64 * kMiB, 20, 0x300000000000, GetParam());
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    const auto d = heat_the_middle(buffer);
    EXPECT_EQ(reclaim(d), "");
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Of, PlaceKinds,
                         testing::Values(guest::Backing::kShared, guest::Backing::kFileShared,
                                         guest::Backing::kFilePrivate),
                         [](const auto &info) -> std::string {
                             switch (info.param) {
                                 case guest::Backing::kShared:
                                     return "SharedMemory";
                                 case guest::Backing::kFileShared:
                                     return "FileShared";
                                 default:
                                     return "FilePrivate";
                             }
                         });

// What a second process maps, too, and reads all the time, goes up and stays right for both.
TEST_F(Place, SharedPagesMoveUpUnderAnotherReader)
{
    guest::Buffer buffer(32 * kMiB, 21, 0x300000000000, guest::Backing::kShared);
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    guest::Child reader([&] {
        while (!guest::Child::stopped()) {
            if (buffer.corrupt_words() != 0)
                return 1;
            usleep(100'000);
        }
        return 0;
    });
    enable();
    EXPECT_TRUE(load_until_fast(buffer, 8 * kMiB, 8 * kMiB, 90, seconds(90)))
        << where(buffer, 8 * kMiB, 8 * kMiB);
    disable();
    EXPECT_EQ(reader.stop(), 0);
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

TEST_F(Place, HugePagesMoveUp)
{
    guest::Buffer buffer(64 * kMiB, 2, 0x300000000000, true);
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    const size_t hot = 16 * kMiB;
    enable();
    EXPECT_TRUE(load_until_fast(buffer, 16 * kMiB, hot, 90, seconds(90)))
        << where(buffer, 16 * kMiB, hot);
    disable();
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

TEST_F(Place, NothingMovesWhileDisabled)
{
    guest::Buffer buffer(32 * kMiB, 3);
    ASSERT_EQ(buffer.move_to(kSlow), buffer.pages());
    ASSERT_GT(buffer.load(0, 8 * kMiB, seconds(3)), 0u);
    EXPECT_EQ(buffer.pages_on(kFast), 0u);
}

// The fast tier is full of cold memory, so what goes up must be exchanged for what goes
// down; only what was free above the watermark may be used up besides.
TEST_F(Place, FullFastTierIsExchanged)
{
    constexpr int64_t kMarginKb = 12 * 1024;
    constexpr int64_t kNoiseKb = 4 * 1024;  // the rest of the guest
    constexpr int64_t kPageKb = guest::kPage / 1024;
    const auto free_kb = [](int node) { return static_cast<int64_t>(guest::node_free_kb(node)); };
    const auto high = static_cast<int64_t>(guest::node_high_kb(kFast));
    // Without the pages on the CPUs' own lists: as the kernel counts when it wakes kswapd, which
    // filling must not do.
    const auto counted_kb = [] {
        return static_cast<int64_t>(guest::node_meminfo_kb(kFast, "MemFree"));
    };
    const auto begin = Counters::now();
    std::vector<std::unique_ptr<guest::Buffer>> cold;
    guest::Buffer hot(48 * kMiB, 4);
    ASSERT_EQ(hot.move_to(kSlow), hot.pages());
    while (counted_kb() > high + kMarginKb && cold.size() < 60) {
        cold.push_back(std::make_unique<guest::Buffer>(4 * kMiB, 100 + cold.size()));
        cold.back()->move_to(kFast);
    }
    ASSERT_EQ(reclaim(Counters::now().since(begin)), "") << "filling the tier did that";

    const int64_t fast = free_kb(kFast);
    const int64_t slow = free_kb(kSlow);
    const auto before = Counters::now();
    enable();
    EXPECT_TRUE(load_until_fast(hot, 0, hot.bytes(), 80, seconds(120)))
        << where(hot, 0, hot.bytes());
    disable();
    const int64_t used_up = fast - free_kb(kFast);
    const int64_t set_free = free_kb(kSlow) - slow;
    const auto d = Counters::now().since(before);

    const auto up_kb = static_cast<int64_t>(d["sluice_promoted"]) * kPageKb;
    const auto down_kb = static_cast<int64_t>(d["sluice_demoted"]) * kPageKb;
    EXPECT_GE(down_kb, 8 * 1024) << "the tier was not full: this test shows nothing";
    EXPECT_LE(used_up, fast - high + kNoiseKb);
    EXPECT_NEAR(up_kb - down_kb, used_up, kNoiseKb);
    EXPECT_NEAR(up_kb - down_kb, set_free, kNoiseKb);
    EXPECT_EQ(reclaim(d), "");
    EXPECT_EQ(hot.corrupt_words(), 0u);
    for (const auto &b : cold)
        EXPECT_EQ(b->corrupt_words(), 0u);
}

}  // namespace
