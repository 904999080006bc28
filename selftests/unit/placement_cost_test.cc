// SPDX-License-Identifier: GPL-2.0-or-later
// What moving pages costs, and when it pays.
#include "placement_guest.h"

namespace unit {
namespace {

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

}  // namespace
}  // namespace unit
