// SPDX-License-Identifier: GPL-2.0-or-later
// The ranking, on ranges made up for the purpose.
#include "placement_guest.h"

namespace unit {
namespace {

TEST(Placement, OfNothingIsNothing)
{
    Guest guest;
    EXPECT_EQ(guest.rank(100).promote[0], 0U);
}

TEST(Placement, HotDisplacesCold)
{
    Guest guest;
    sluice_range &cold = guest.add(0, 100, 100);
    sluice_range &hot = guest.add(1000, 100, 0);
    sluice_placement pl = guest.rank(100);
    EXPECT_EQ(pl.promote[0], 100U);
    EXPECT_EQ(pl.demote[0], 100U);
    EXPECT_EQ(hot.fast_goal[0], 100U);
    EXPECT_EQ(hot.tier, 0U);
    EXPECT_EQ(cold.fast_goal[0], 0U);
    EXPECT_EQ(cold.tier, 1U);
}

TEST(Placement, CountsPerPageNotPerRange)
{
    Guest guest;
    sluice_range &large = guest.add(2000, 10'000, 100);
    sluice_range &small = guest.add(1000, 100, 0);
    guest.rank(100);
    EXPECT_EQ(small.fast_goal[0], 100U);
    EXPECT_EQ(large.fast_goal[0], 0U);
}

TEST(Placement, FreeRoomIsUsedFirst)
{
    Guest guest;
    sluice_range &cold = guest.add(0, 100, 100);
    sluice_range &hot = guest.add(1000, 100, 0);
    sluice_placement pl = guest.rank(200);
    EXPECT_EQ(pl.demote[0], 0U);
    EXPECT_EQ(hot.fast_goal[0], 100U);
    EXPECT_EQ(cold.fast_goal[0], 100U);
}

TEST(Placement, ColdStaysWhereItIsWithoutNeed)
{
    Guest guest;
    guest.add(0, 100, 50);
    sluice_placement pl = guest.rank(1000);
    EXPECT_EQ(pl.promote[0], 0U);
    EXPECT_EQ(pl.demote[0], 0U);
}

TEST(Placement, ASampleOrTwoIsNoReasonToMove)
{
    Guest guest;
    guest.add(2, 100, 0);
    EXPECT_EQ(guest.rank(1000).promote[0], 0U);
}

TEST(Placement, TheRangeAtTheEdgeIsPlacedInPart)
{
    Guest guest;
    sluice_range &hottest = guest.add(1000, 60, 0);
    sluice_range &hot = guest.add(800, 60, 0);
    sluice_range &cold = guest.add(0, 100, 100);
    sluice_placement pl = guest.rank(100);
    EXPECT_EQ(pl.promote[0], 100U);
    EXPECT_EQ(hottest.fast_goal[0], 60U);
    EXPECT_EQ(hot.fast_goal[0], 40U);
    EXPECT_EQ(cold.fast_goal[0], 0U);
}

TEST(Placement, ALeadBelowTheMarginMovesNothing)
{
    Guest guest;
    // So many samples that only the margin speaks against it.
    guest.add(1'000'000, 100, 100);
    sluice_range &hotter = guest.add(1'200'000, 100, 0);
    EXPECT_EQ(guest.rank(100).promote[0], 0U);
    EXPECT_EQ(guest.rank(100, 0).promote[0], 100U);
    Guest::set_count(hotter, 1'300'000);
    EXPECT_EQ(guest.rank(100).promote[0], 100U);
}

TEST(Placement, ALeadThatMayBeChanceMovesNothing)
{
    Guest guest;
    guest.add(20, 100, 100);
    sluice_range &hotter = guest.add(40, 100, 0);
    EXPECT_EQ(guest.rank(100, 0).promote[0], 0U);
    Guest::set_count(hotter, 60);
    EXPECT_EQ(guest.rank(100, 0).promote[0], 100U);
}

TEST(Placement, DoesNotGoBackAndForth)
{
    Guest guest;
    sluice_range &a = guest.add(1000, 100, 100);
    sluice_range &b = guest.add(1000, 100, 0);
    Random random(1);
    u64 moved = 0;
    for (int i = 0; i < 1000; i++) {
        // Both between 900 and 1100, a lead of at most 22 %.
        Guest::set_count(a, (900 + random.below(201)));
        Guest::set_count(b, (900 + random.below(201)));
        moved += guest.rank(100).promote[0];
        guest.obey();
    }
    EXPECT_EQ(moved, 0U);
}

TEST(Placement, IsStableOnceObeyed)
{
    for (u64 seed = 0; seed < 200; seed++) {
        Random random(seed);
        Guest guest;
        u64 fast = 0;
        for (int i = 0; i < 50; i++) {
            u64 resident = random.below(1000);
            u64 in_fast = random.below(resident + 1);
            guest.add(random.below(2000), resident, in_fast, random.below(20));
            fast += in_fast;
        }
        guest.rank(fast);
        guest.obey();
        sluice_placement again = guest.rank(fast);
        ASSERT_EQ(again.promote[0], 0U) << "seed " << seed;
        ASSERT_EQ(again.demote[0], 0U) << "seed " << seed;
    }
}

TEST(Placement, TheYoungerWinsATie)
{
    Guest guest;
    sluice_range &old = guest.add(1000, 100, 0, 50);
    sluice_range &young = guest.add(1000, 100, 0, 1);
    sluice_range &older = guest.add(1000, 100, 0, 99);
    guest.rank(100);
    EXPECT_EQ(young.fast_goal[0], 100U);
    EXPECT_EQ(old.fast_goal[0], 0U);
    EXPECT_EQ(older.fast_goal[0], 0U);
}

TEST(Placement, AShrunkTierShedsTheColdest)
{
    Guest guest;
    sluice_range &hot = guest.add(1000, 100, 100);
    sluice_range &warm = guest.add(500, 100, 100);
    sluice_range &cold = guest.add(0, 100, 100);
    sluice_placement pl = guest.rank(150);
    EXPECT_EQ(pl.demote[0], 150U);
    EXPECT_EQ(hot.fast_goal[0], 100U);
    EXPECT_EQ(warm.fast_goal[0], 50U);
    EXPECT_EQ(cold.fast_goal[0], 0U);
    EXPECT_EQ(guest.rank(0).demote[0], 300U);
}

TEST(Placement, AShrunkTierStillLetsTheHotIn)
{
    Guest guest;
    sluice_range &hot = guest.add(1000, 100, 0);
    guest.add(0, 300, 300);
    guest.rank(250);
    EXPECT_EQ(hot.fast_goal[0], 100U);
}

TEST(Placement, WeakProofDoesNotStandInTheWayOfStrong)
{
    Guest guest;
    // The densest is tiny and proves nothing; what comes after it does.
    sluice_range &tiny = guest.add(1, 1, 0);
    sluice_range &hot = guest.add(500, 1000, 0);
    guest.add(0, 1000, 1000);
    guest.rank(1000);
    EXPECT_EQ(tiny.fast_goal[0], 0U);
    EXPECT_EQ(hot.fast_goal[0], 1000U);
}

TEST(Placement, ATinyColdRangeDoesNotStandInTheWay)
{
    Guest guest;
    // One page without a sample proves little; a thousand pages prove that they are cold.
    guest.add(0, 1, 1);
    sluice_range &cold = guest.add(3, 1000, 1000);
    sluice_range &hot = guest.add(500, 1000, 0);
    guest.rank(1001);
    EXPECT_EQ(hot.fast_goal[0], 1000U);
    EXPECT_EQ(cold.fast_goal[0], 0U);
}

TEST(Placement, EstimatesMayContradictEachOther)
{
    Guest guest;
    sluice_range &range = guest.add(1000, 100, 300);  // more fast than resident
    guest.add(1000, 0, 0);
    guest.add(1000, 0, 5);
    sluice_placement pl = guest.rank(1000);
    EXPECT_EQ(range.fast_goal[0], 100U);
    EXPECT_EQ(pl.promote[0], 0U);
}

TEST(Placement, SurvivesTheLargestNumbers)
{
    Guest guest;
    sluice_range &hot = guest.add(0, 1, 0);
    hot.count = ~0ULL;
    hot.recent = ~0U;
    sluice_range &large = guest.add(0, 1ULL << 40, 1ULL << 40);
    large.count = ~0ULL;
    guest.rank(1ULL << 40, 4'000'000'000U);
    EXPECT_EQ(hot.fast_goal[0], 1U);
}

TEST(Placement, ACountBeyondAllMeasureIsStillHot)
{
    Guest guest;
    sluice_range &hot = guest.add(1ULL << 50, 100, 0);
    guest.add(1ULL << 20, 100, 100);
    guest.rank(100);
    EXPECT_EQ(hot.fast_goal[0], 100U);
}

// Equally hot ranges whose counts are what chance makes of them, epoch after epoch.
TEST(Placement, UniformAccessCausesNoTraffic)
{
    for (unsigned rate : {1, 5, 50, 500}) {  // samples per range and epoch
        Guest guest;
        Random random(rate);
        constexpr u64 kRanges = 64, kPages = 512;
        for (u64 i = 0; i < kRanges; i++)
            guest.add(0, kPages, i < kRanges / 4 ? kPages : 0);

        u64 moved = 0;
        constexpr int kEpochs = 400;
        for (int epoch = 0; epoch < kEpochs; epoch++) {
            for (sluice_range &range : guest.ranges()) {
                range.count -= range.count / 4;
                range.before = range.recent;
                range.recent = 0;
            }
            for (u64 i = 0; i < rate * kRanges; i++) {
                sluice_range &range = guest.ranges()[random.below(kRanges)];
                range.count += kOne;
                range.recent++;
            }
            moved += guest.rank(kRanges / 4 * kPages).promote[0];
            guest.obey();
        }
        // Of all that is in the fast tier, less than one page in 1000 is exchanged per epoch.
        EXPECT_LE(moved, kEpochs * kRanges / 4 * kPages / 1000) << "at rate " << rate;
    }
}

TEST(Placement, WhatIsNoLongerHotDoesNotStandInTheWay)
{
    Guest guest;
    sluice_range &was = guest.add(4000, 1000, 1000);
    sluice_range &is = guest.add(2000, 1000, 0);
    EXPECT_EQ(guest.rank(1000).promote[0], 0U);
    was.recent = 0;  // one epoch without a sample may be a pause
    EXPECT_EQ(guest.rank(1000).promote[0], 0U);
    was.before = 0;
    EXPECT_EQ(guest.rank(1000).promote[0], 1000U);
    EXPECT_EQ(is.fast_goal[0], 1000U);
}

TEST(Placement, AShortTierGivesUpOnlyWhatIsCold)
{
    Guest guest;
    sluice_range &hot = guest.add(1000, 100, 100);
    sluice_range &cold = guest.add(0, 100, 100);
    sluice_placement pl = two_tiers(200);
    pl.tier[0].short_of = 30;
    EXPECT_EQ(guest.rank(pl).demote[0], 30U);
    EXPECT_EQ(cold.fast_goal[0], 70U);
    pl.tier[0].short_of = 1000;
    EXPECT_EQ(guest.rank(pl).demote[0], 100U);
    EXPECT_EQ(hot.fast_goal[0], 100U);
}

}  // namespace
}  // namespace unit
