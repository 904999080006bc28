// SPDX-License-Identifier: GPL-2.0-or-later
// What does not pay does not move: sweeps and even access cause (almost) no traffic at the
// defaults, while a hot set under the same conditions does move.

#include <fmt/format.h>

#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kFast;
using guest::kMiB;
using guest::kSlow;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kSize = 48 * kMiB;

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

// More than the modelled cache holds, so that loads from it alone are slow, too.
constexpr size_t kPart = 8 * kMiB;

// Part after part, each for half a second, that is for an epoch: a sweep of three seconds, thrice.
TEST_F(Stream, SweepMovesAlmostNothing)
{
    uint64_t swept = 0;
    const uint64_t moved = traffic([&] {
        for (int sweep = 0; sweep < 3; sweep++)
            for (size_t at = 0; at < kSize; at += kPart) {
                ASSERT_GT(buffer_.load(at, kPart, milliseconds(500)), 0u);
                swept += kPart / guest::kPage;
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
        for (int i = 0; i < 40; i++) {
            ASSERT_GT(buffer_.load(milliseconds(120)), 0u);
            ASSERT_GT(fast.load(milliseconds(80)), 0u);
        }
    });
    EXPECT_LE(moved, kRoomKb * 1024 / guest::kPage) << "more than there was room for";
}

TEST_F(Stream, HotSetMovesAllTheSame)
{
    constexpr size_t kAt = 16 * kMiB;
    constexpr uint64_t kMost = kPart / guest::kPage * 8 / 10;
    const uint64_t moved = traffic([&] {
        EXPECT_TRUE(eventually(seconds(60), [&] {
            return buffer_.load(kAt, kPart, milliseconds(500)) &&
                   buffer_.pages_on(kFast, kAt, kPart) >= kMost;
        }));
    });
    EXPECT_GE(moved, kMost);
}

}  // namespace
