// SPDX-License-Identifier: GPL-2.0-or-later
// More than two tiers.
#include "placement_guest.h"

namespace unit {
namespace {

sluice_placement three_tiers(u64 first, u64 second)
{
    sluice_placement pl = two_tiers(first);
    pl.nr_bounds = 2;
    pl.tier[0].saved_ns = 122 - 69;
    pl.tier[1] = {second, 0, 177 - 122};
    return pl;
}

TEST(ThreeTiers, EachRangeGoesWhereItBelongs)
{
    Guest guest;
    sluice_range &cold = guest.add(0, 100, 0);
    sluice_range &hot = guest.add(4000, 100, 0);
    sluice_range &warm = guest.add(400, 100, 0);
    sluice_placement pl = guest.rank(three_tiers(100, 100));
    EXPECT_EQ(hot.fast_goal[0], 100U);
    EXPECT_EQ(hot.tier, 0U);
    EXPECT_EQ(warm.fast_goal[0], 0U);
    EXPECT_EQ(warm.fast_goal[1], 100U);
    EXPECT_EQ(warm.tier, 1U);
    EXPECT_EQ(cold.fast_goal[1], 0U);
    EXPECT_EQ(cold.tier, 2U);
    EXPECT_EQ(pl.promote[0], 100U);
    EXPECT_EQ(pl.promote[1], 200U);
}

TEST(ThreeTiers, WhatIsDisplacedMovesDownByOne)
{
    Guest guest;
    sluice_range &warm = guest.add(400, 100, 100);
    sluice_range &cold = guest.add(0, 100, 0);
    sluice_range &hot = guest.add(4000, 100, 0);
    warm.fast_pages[1] = 100;
    cold.fast_pages[1] = 100;
    guest.rank(three_tiers(100, 100));
    EXPECT_EQ(hot.tier, 0U);
    EXPECT_EQ(warm.tier, 1U);
    EXPECT_EQ(cold.tier, 2U);
}

TEST(ThreeTiers, GoalsAreNestedFitAndAreStableOnceObeyed)
{
    for (u64 seed = 0; seed < 200; seed++) {
        Random random(seed);
        Guest guest;
        u64 first = 0, second = 0;
        for (int i = 0; i < 50; i++) {
            u64 resident = random.below(1000);
            u64 above = random.below(resident + 1), top = random.below(above + 1);
            guest.add(random.below(2000), resident, top, random.below(20)).fast_pages[1] = above;
            first += top;
            second += above - top;
        }
        for (int round = 0; round < 2; round++) {
            sluice_placement pl = guest.rank(three_tiers(first, second));
            u64 sum[2] = {};
            for (sluice_range &range : guest.ranges()) {
                ASSERT_LE(range.fast_goal[0], range.fast_goal[1]) << "seed " << seed;
                ASSERT_LE(range.fast_goal[1], range.resident_pages) << "seed " << seed;
                for (int b = 0; b < 2; b++) {
                    sum[b] += range.fast_goal[b];
                    range.fast_pages[b] = range.fast_goal[b];
                }
            }
            ASSERT_LE(sum[0], first);
            ASSERT_LE(sum[1], first + second);
            if (round == 1) {
                ASSERT_EQ(pl.promote[0] + pl.promote[1], 0U) << "seed " << seed;
                ASSERT_EQ(pl.demote[0] + pl.demote[1], 0U) << "seed " << seed;
            }
        }
    }
}

}  // namespace
}  // namespace unit
