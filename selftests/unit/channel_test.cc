// SPDX-License-Identifier: GPL-2.0-or-later
// The channel, one step at a time.
#include <climits>
#include <numeric>

#include "kernel.h"

namespace unit {
namespace {

Entries sequence(u64 first, size_t nr)
{
    Entries entries(nr);
    std::iota(entries.begin(), entries.end(), first);
    return entries;
}

TEST(Channel, RefusesSizesOutOfBounds)
{
    sluice_channel ch = {};
    EXPECT_EQ(sluice_channel_init(&ch, 0, GFP_KERNEL), -EINVAL);
    EXPECT_EQ(sluice_channel_init(&ch, SLUICE_CHANNEL_MIN_ENTRIES - 1, GFP_KERNEL), -EINVAL);
    EXPECT_EQ(sluice_channel_init(&ch, SLUICE_CHANNEL_MAX_ENTRIES + 1, GFP_KERNEL), -EINVAL);
    sluice_channel_destroy(&ch);
}

TEST(Channel, ReportsLackOfMemory)
{
    sluice_channel ch = {};
    shim_allocations_left = 0;
    EXPECT_EQ(sluice_channel_init(&ch, 64, GFP_KERNEL), -ENOMEM);
    shim_allocations_left = -1;
    sluice_channel_destroy(&ch);
}

TEST(Channel, GrowsWithTheCpusWithinBounds)
{
    EXPECT_EQ(sluice_channel_entries(1), 4096U);
    EXPECT_EQ(sluice_channel_entries(4), 4096U);
    EXPECT_EQ(sluice_channel_entries(6), 6144U);
    EXPECT_EQ(sluice_channel_entries(16), 16384U);
    EXPECT_EQ(sluice_channel_entries(8192), 16384U);
    EXPECT_EQ(sluice_channel_entries(UINT_MAX), 16384U);
}

TEST(Channel, RoundsSizeUp)
{
    EXPECT_EQ(Channel(65).size(), 128U);
    EXPECT_EQ(Channel(128).size(), 128U);
}

TEST(Channel, StartsEmpty)
{
    Channel ch(64);
    EXPECT_TRUE(ch.empty());
    EXPECT_TRUE(ch.pop(10).empty());
}

TEST(Channel, DeliversInOrder)
{
    Channel ch(64);
    EXPECT_EQ(ch.push(sequence(1, 10)), 10U);
    EXPECT_EQ(ch.push(11), 1U);
    EXPECT_FALSE(ch.empty());
    EXPECT_EQ(ch.pop(4), sequence(1, 4));
    EXPECT_EQ(ch.pop(100), sequence(5, 7));
    EXPECT_TRUE(ch.empty());
}

TEST(Channel, NothingIsAPushToo)
{
    Channel ch(64);
    EXPECT_EQ(ch.push(Entries{}), 0U);
    EXPECT_TRUE(ch.empty());
}

TEST(Channel, HoldsExactlyItsSize)
{
    Channel ch(64);
    EXPECT_EQ(ch.push(sequence(1, 64)), 64U);
    EXPECT_EQ(ch.push(65), 0U);
    EXPECT_EQ(ch.pop(65), sequence(1, 64));
}

TEST(Channel, RefusesTheEndOfABatchThatDoesNotFit)
{
    Channel ch(64);
    EXPECT_EQ(ch.push(sequence(1, 60)), 60U);
    EXPECT_EQ(ch.push(sequence(61, 10)), 4U);
    EXPECT_EQ(ch.push(99), 0U);
    EXPECT_EQ(ch.pop(100), sequence(1, 64));
    // Refusals leave no trace: all the room is back.
    EXPECT_EQ(ch.push(sequence(1, 64)), 64U);
}

TEST(Channel, TakesABatchLargerThanItself)
{
    Channel ch(64);
    EXPECT_EQ(ch.push(sequence(1, 1000)), 64U);
    EXPECT_EQ(ch.pop(1000), sequence(1, 64));
}

TEST(Channel, PopFreesWhatItTook)
{
    Channel ch(64);
    ch.push(sequence(1, 64));
    ch.pop(3);
    EXPECT_EQ(ch.push(sequence(65, 10)), 3U);
    EXPECT_EQ(ch.pop(100), sequence(4, 64));
}

TEST(Channel, WrapsAround)
{
    Channel ch(64);
    u64 next = 1, expected = 1;
    // 7 and 64 have no common divisor: every slot starts a batch at some time.
    for (int i = 0; i < 1000; i++, next += 7) {
        ASSERT_EQ(ch.push(sequence(next, 7)), 7U);
        ASSERT_EQ(ch.pop(7), sequence(expected, 7));
        expected += 7;
    }
}

TEST(Channel, PositionsWrapAround)
{
    Channel ch(64);
    // What 2^32 - 10 entries would have left behind.
    atomic_set(&ch.raw()->head, -10);
    ch.raw()->tail = -10U;
    EXPECT_EQ(ch.push(sequence(1, 64)), 64U);
    EXPECT_EQ(ch.push(65), 0U);
    EXPECT_EQ(ch.pop(100), sequence(1, 64));
    EXPECT_EQ(ch.push(sequence(1, 3)), 3U);
    EXPECT_EQ(ch.pop(100), sequence(1, 3));
}

TEST(Channel, KeepsEveryBitOfAnEntry)
{
    Channel ch(64);
    const Entries odd = {1, 1ULL << 63, ~0ULL - 1, 0x5555555555555555};
    EXPECT_EQ(ch.push(odd), 4U);
    EXPECT_EQ(ch.pop(4), odd);
}

TEST(Channel, AZeroDoesNotWedgeIt)
{
    Channel ch(64);
    EXPECT_EQ(ch.push(Entries{1, 0, 2}), 3U);
    EXPECT_EQ(ch.pop(4), (Entries{1, ~0ULL, 2}));
}

// An NMI that pushes while a push is under way: the outer one has its positions but has not filled
// them.
TEST(Channel, SurvivesAnInterruptedProducer)
{
    Channel ch(64);
    ch.push(1);

    atomic_fetch_add_acquire(2, &ch.raw()->used);
    unsigned position = atomic_fetch_add(2, &ch.raw()->head);
    EXPECT_EQ(ch.push(sequence(4, 2)), 2U);

    // The consumer does not pass the hole, and does not lose what is behind it.
    EXPECT_EQ(ch.pop(10), sequence(1, 1));
    EXPECT_TRUE(ch.empty());
    EXPECT_TRUE(ch.pop(10).empty());

    // The second slot first: a half-filled batch is a hole too.
    ch.raw()->slots[position + 1] = 3;
    EXPECT_TRUE(ch.pop(10).empty());
    ch.raw()->slots[position] = 2;
    EXPECT_EQ(ch.pop(10), sequence(2, 4));

    EXPECT_EQ(ch.push(sequence(1, 65)), 64U);
}

// A producer that has bought too much and was interrupted before giving back.
TEST(Channel, AnExcessCausesDropsOnly)
{
    Channel ch(64);
    ch.push(sequence(1, 60));
    atomic_fetch_add_acquire(10, &ch.raw()->used);  // it may have 4
    EXPECT_EQ(ch.push(sequence(100, 5)), 0U);
    atomic_sub(6, &ch.raw()->used);
    unsigned position = atomic_fetch_add(4, &ch.raw()->head);
    for (unsigned i = 0; i < 4; i++)
        ch.raw()->slots[position + i] = 61 + i;
    EXPECT_EQ(ch.pop(100), sequence(1, 64));
    EXPECT_EQ(ch.push(sequence(1, 64)), 64U);
}

TEST(Channel, CursorsDoNotShareCacheLines)
{
    sluice_channel ch;
    auto line = [](const void *p) { return reinterpret_cast<uintptr_t>(p) / 64; };
    EXPECT_NE(line(&ch.head), line(&ch.tail));
    EXPECT_NE(line(&ch.tail), line(&ch.slots));
    EXPECT_NE(line(&ch.head), line(&ch.slots));
    EXPECT_EQ(line(&ch.head), line(&ch.used));
    EXPECT_EQ(line(&ch.slots), line(&ch.size));
}

}  // namespace
}  // namespace unit
