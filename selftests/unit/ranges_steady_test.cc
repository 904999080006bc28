// SPDX-License-Identifier: GPL-2.0-or-later
// For how long a range has been as hot as it is.
#include "ranges_samples.h"

namespace unit {
namespace {

// For how long a range has been as warm as it is.
TEST(RangesSteady, CountsEpochsOfTheSameHeat)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 2_MiB}, {kBase + 1_GiB, kBase + 1_GiB + 2_MiB}});
    for (unsigned epoch = 1; epoch <= 5; epoch++) {
        ranges.epoch(even(kBase, 2_MiB, 100) + even(kBase + 1_GiB, 2_MiB, 50));
        EXPECT_EQ(ranges.at(kBase).steady, epoch);
        EXPECT_EQ(ranges.at(kBase).recent, 100U);
    }
    EXPECT_EQ(ranges.at(kBase).before, 100U);
}

TEST(RangesSteady, StartsAgainWhenItBecomesHot)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 2_MiB}, {kBase + 1_GiB, kBase + 1_GiB + 2_MiB}});
    for (int i = 0; i < 10; i++)
        ranges.epoch(even(kBase + 1_GiB, 2_MiB, 100));
    EXPECT_EQ(ranges.at(kBase).steady, 10U);
    ranges.epoch(even(kBase, 2_MiB, 60) + even(kBase + 1_GiB, 2_MiB, 100));
    EXPECT_EQ(ranges.at(kBase).steady, 0U);
    EXPECT_EQ(ranges.at(kBase + 1_GiB).steady, 11U);
    ranges.epoch(even(kBase + 1_GiB, 2_MiB, 100));
    EXPECT_EQ(ranges.at(kBase).steady, 0U) << "or cold";
}

TEST(RangesSteady, AFasterOrSlowerProgramIsStillTheSame)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 2_MiB}, {kBase + 1_GiB, kBase + 1_GiB + 2_MiB}});
    for (unsigned i = 0; i < 10; i++) {
        unsigned speed = i % 2 ? 10 : 1;
        ranges.epoch(even(kBase, 2_MiB, 100 * speed) + even(kBase + 1_GiB, 2_MiB, 50 * speed));
    }
    EXPECT_EQ(ranges.at(kBase).steady, 10U);
    EXPECT_EQ(ranges.at(kBase + 1_GiB).steady, 10U);
}

TEST(RangesSteady, ChanceDoesNotEndIt)
{
    Random random(1);
    Ranges ranges;
    ranges.sync({{kBase, kBase + 2_MiB}, {kBase + 1_GiB, kBase + 1_GiB + 2_MiB}});
    unsigned resets = 0;
    for (int epoch = 0; epoch < 1000; epoch++) {
        Entries samples;
        for (int i = 0; i < 40; i++)
            samples.push_back((random.chance(0.1) ? kBase : kBase + 1_GiB) + random.below(2_MiB));
        ranges.epoch(samples);
        resets += ranges.at(kBase).steady == 0;
    }
    EXPECT_LE(resets, 10U);
}

TEST(RangesSteady, APauseSaysNothing)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 2_MiB}});
    for (int i = 0; i < 4; i++)
        ranges.epoch(even(kBase, 2_MiB, 100));
    ranges.epoch({});
    EXPECT_EQ(ranges.at(kBase).steady, 4U);
    EXPECT_EQ(ranges.at(kBase).recent, 100U);
    ranges.epoch(even(kBase, 2_MiB, 100));
    EXPECT_EQ(ranges.at(kBase).steady, 5U);
}

// A part that is cut out has its own past, not a share of that of the whole.
TEST(RangesSteady, APartThatIsCutOutHasItsOwnPast)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    for (int i = 0; i < 5; i++)
        ranges.epoch(even(kBase, 1_GiB, 300));
    ranges.epoch(even(kBase, 1_GiB, 300) + even(kBase + 512_MiB, 2_MiB, 400));
    sluice_range &hot = ranges.at(kBase + 512_MiB);
    EXPECT_LE(hot.end - hot.start, 4_MiB);
    EXPECT_EQ(hot.steady, 0U);
    EXPECT_GE(hot.recent, 400U);
    EXPECT_LE(hot.before, 4U);
    EXPECT_EQ(ranges.at(kBase).steady, 6U);
}

// More samples than are kept: every second, third, ... stands for those between.
TEST(RangesSteady, ManySamplesAreThinnedNotLost)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 2_MiB}, {kBase + 1_GiB, kBase + 1_GiB + 2_MiB}});
    for (int i = 0; i < 3; i++)
        ranges.epoch(even(kBase, 2_MiB, 9000) + even(kBase + 1_GiB, 2_MiB, 3000));
    EXPECT_EQ(ranges.at(kBase).steady, 3U);
    EXPECT_NEAR(ranges.at(kBase).before, 9000, 12);
    EXPECT_NEAR(ranges.at(kBase + 1_GiB).before, 3000, 12);
}

}  // namespace
}  // namespace unit
