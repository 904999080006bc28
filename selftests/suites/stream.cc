// SPDX-License-Identifier: GPL-2.0-or-later
// What does not pay does not move: sweeps and even access cause (almost) no traffic, in virtual
// time and at the defaults, while a hot set under the same conditions does move.

#include <fmt/format.h>

#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kFast = 0;
constexpr int kSlow = 1;
constexpr size_t kSize = 96 * kMiB;

class Stream : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        ASSERT_EQ(buffer_.move_to(kSlow), buffer_.pages());
    }

    // So many base pages moved up and down during the body.
    uint64_t traffic(const std::function<void()> &body)
    {
        const auto before = Counters::now();
        enable();
        body();
        disable();
        const auto d = Counters::now().since(before);
        RecordProperty("samples", fmt::format("{}", d["sluice_classified"]));
        RecordProperty("moved", fmt::format("{}", d["sluice_promoted"] + d["sluice_demoted"]));
        EXPECT_GT(d["sluice_classified"], 100u) << "nothing was seen: this test shows nothing";
        EXPECT_EQ(buffer_.corrupt_words(), 0u);
        return d["sluice_promoted"] + d["sluice_demoted"];
    }

    guest::Buffer buffer_{kSize, 1, 0x300000000000};
};

// 8 MiB after 8 MiB, each for half a second, that is for an epoch: a sweep of six seconds, three
// times.
TEST_F(Stream, SweepMovesAlmostNothing)
{
    uint64_t swept = 0;
    const uint64_t moved = traffic([&] {
        for (int sweep = 0; sweep < 3; sweep++)
            for (size_t at = 0; at < kSize; at += 8 * kMiB) {
                ASSERT_GT(buffer_.load(at, 8 * kMiB, milliseconds(500)), 0u);
                swept += 8 * kMiB / guest::kPage;
            }
    });
    EXPECT_LE(moved, swept / 50) << swept << " pages were swept over";
}

// As much of it as fits is in the fast tier, and no part is better than another.
TEST_F(Stream, EvenAccessMovesAlmostNothing)
{
    constexpr uint64_t kRoomKb = 8 * 1024;
    guest::Buffer fast(32 * kMiB, 2, 0x400000000000);
    ASSERT_EQ(fast.move_to(kFast), fast.pages());
    Ballast ballast(kFast, kRoomKb);
    const uint64_t moved = traffic([&] {
        for (int i = 0; i < 60; i++) {
            ASSERT_GT(buffer_.load(milliseconds(150)), 0u);
            ASSERT_GT(fast.load(milliseconds(50)), 0u);
        }
    });
    EXPECT_LE(moved, kRoomKb * 1024 / guest::kPage) << "more than there was room for";
}

TEST_F(Stream, HotSetMovesAllTheSame)
{
    const uint64_t moved =
        traffic([&] { ASSERT_GT(buffer_.load(16 * kMiB, 8 * kMiB, seconds(8)), 0u); });
    EXPECT_GE(moved, 8 * kMiB / guest::kPage * 8 / 10);
    EXPECT_GE(buffer_.pages_on(kFast, 16 * kMiB, 8 * kMiB), 8 * kMiB / guest::kPage * 8 / 10);
}

}  // namespace
