// SPDX-License-Identifier: GPL-2.0-or-later
// The ranking, on ranges made up for the purpose.
#include <deque>
#include <numeric>

#include "kernel.h"

namespace unit {
namespace {

constexpr u64 kOne = 1ULL << SLUICE_COUNT_SHIFT;

// Ranges with the samples and pages that a test gives them.
class Guest {
public:
    sluice_range &add(u64 samples, u64 resident, u64 fast, u32 age = 10)
    {
        sluice_range &range = ranges_.emplace_back();
        range = {};
        range.start = next_;
        range.end = next_ += std::max<u64>(resident, 1) * kPage;
        set_count(range, samples);
        range.resident_pages = resident;
        range.fast_pages[0] = fast;
        range.age = age;
        return range;
    }

    // As hot as that for a long time.
    static void set_count(sluice_range &range, u64 samples)
    {
        range.count = samples * kOne;
        range.recent =
            std::min<u64>((samples + SLUICE_EPOCHS_PER_COUNT - 1) / SLUICE_EPOCHS_PER_COUNT, ~0U);
        range.before = range.recent;
        range.steady = 100;
    }

    // Ranks and checks what must always hold.
    sluice_placement rank(u64 capacity, unsigned margin_pct = SLUICE_MARGIN_DEFAULT_PCT)
    {
        return rank(two_tiers(capacity, margin_pct));
    }
    sluice_placement rank(sluice_placement pl)
    {
        pl.promote[0] = pl.demote[0] = ~0ULL;
        const u64 capacity = pl.tier[0].capacity;
        std::vector<sluice_candidate> candidates;
        for (sluice_range &range : ranges_)
            candidates.push_back(candidate(range));
        sluice_placement_rank(&pl, candidates.data(), candidates.size());

        u64 goals = 0, up = 0, down = 0, fast = 0;
        for (const sluice_range &range : ranges_) {
            u64 now = std::min(range.fast_pages[0], range.resident_pages);
            EXPECT_LE(range.fast_goal[0], range.resident_pages);
            goals += range.fast_goal[0];
            fast += now;
            up += range.fast_goal[0] > now ? range.fast_goal[0] - now : 0;
            down += range.fast_goal[0] < now ? now - range.fast_goal[0] : 0;
        }
        EXPECT_LE(goals, capacity);
        EXPECT_EQ(pl.promote[0], up);
        EXPECT_EQ(pl.demote[0], down);
        // Nothing leaves the fast tier but for something else, or for lack of room.
        if (fast <= capacity && !pl.tier[0].short_of) {
            EXPECT_LE(pl.demote[0], pl.promote[0]);
        }
        for (size_t i = 1; i < candidates.size(); i++)
            EXPECT_GE(candidates[i - 1].density, candidates[i].density);
        return pl;
    }

    // As if everything had been moved.
    void obey()
    {
        for (sluice_range &range : ranges_)
            range.fast_pages[0] = range.fast_goal[0];
    }
    std::deque<sluice_range> &ranges() { return ranges_; }

private:
    std::deque<sluice_range> ranges_;
    u64 next_ = 1_GiB;
};

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

// What it costs
// 1000 samples an epoch in 1000 pages, less two standard deviations of the decayed count of 4000:
// 0.968 samples per page, each of which stands for 4093 loads that take 108 ns longer in the slow
// tier. So being in the fast tier saves 428 us per page and epoch.
class Cost : public testing::Test {
protected:
    Cost() : hot_(guest_.add(4000, 1000, 0)) {}

    u64 promoted(unsigned steady, unsigned move_ns, u64 capacity = 1000)
    {
        hot_.steady = steady;
        return guest_.rank(two_tiers(capacity, SLUICE_MARGIN_DEFAULT_PCT, move_ns)).promote[0];
    }

    Guest guest_;
    sluice_range &hot_;
};

TEST_F(Cost, IsPaidBackWithinTheExpectedStay)
{
    // Steady for two epochs: surely hot for one of them, so expected to stay for one.
    EXPECT_EQ(promoted(2, 210'000), 1000U);
    EXPECT_EQ(promoted(2, 218'000), 0U);
    // For eleven: expected to stay for ten.
    EXPECT_EQ(promoted(11, 2'100'000), 1000U);
    EXPECT_EQ(promoted(11, 2'180'000), 0U);
}

TEST_F(Cost, NothingIsExpectedToStayForEver)
{
    EXPECT_EQ(promoted(60'000, 32 * 210'000), 1000U);
    EXPECT_EQ(promoted(60'000, 32 * 218'000), 0U);
}

TEST_F(Cost, WhatHasJustBecomeHotDoesNotMove)
{
    EXPECT_EQ(promoted(0, 0), 0U);
    EXPECT_EQ(promoted(1, 0), 0U);
    EXPECT_EQ(promoted(2, 0), 1000U);
}

TEST_F(Cost, WhatHasJustBecomeColdDoesNotMove)
{
    hot_.recent = 0;
    EXPECT_EQ(promoted(100, 100'000), 0U);
    hot_.recent = hot_.before;
    EXPECT_EQ(promoted(100, 100'000), 1000U);
}

TEST_F(Cost, FollowsTheTiersAndThePeriod)
{
    sluice_placement pl = two_tiers(1000, SLUICE_MARGIN_DEFAULT_PCT, 210'000);
    hot_.steady = 2;
    pl.tier[0].saved_ns = 122 - 69;  // CXL.mem instead
    EXPECT_EQ(guest_.rank(pl).promote[0], 0U);
    pl.sample_period = 2 * 4093 + 300;
    EXPECT_EQ(guest_.rank(pl).promote[0], 1000U);
}

TEST_F(Cost, IsBesidesTheMarginInAnExchange)
{
    // Twice as hot as what it would displace: 428 - 1.25 * 231 = 139 us are left for two moves.
    guest_.add(2000, 1000, 1000);
    EXPECT_EQ(promoted(2, 65'000), 1000U);
    EXPECT_EQ(promoted(2, 75'000), 0U);
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

// More than two tiers
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
