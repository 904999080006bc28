// SPDX-License-Identifier: GPL-2.0-or-later
// The classifier, one step at a time: counting, cutting, merging.
#include "ranges_samples.h"

namespace unit {
namespace {

TEST(RangesEpoch, CountsEverySampleOnce)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}, {kBase + 2_GiB, kBase + 3_GiB}});
    sluice_ranges_stats stats = ranges.epoch({
        kBase - 1, kBase, kBase + 1_GiB - 1, kBase + 1_GiB,  // out, in, in, out
        0, ~0ULL, kBase + 2_GiB, kBase + 2_GiB,              // out, out, in, in
    });
    EXPECT_EQ(stats.classified, 4U);
    EXPECT_EQ(stats.out_of_range, 4U);
    EXPECT_EQ(ranges.all()[0].count, 2 * kOne);
    EXPECT_EQ(ranges.all()[1].count, 2 * kOne);
}

TEST(RangesEpoch, WithoutRangesEverySampleIsOut)
{
    Ranges ranges;
    EXPECT_EQ(ranges.epoch({1, 2, 3}).out_of_range, 3U);
    EXPECT_EQ(ranges.epoch({}).out_of_range, 0U);
}

TEST(RangesEpoch, CountsSettleAtFourEpochsWorth)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    for (int i = 0; i < 40; i++)
        ranges.epoch(even(kBase, 1_GiB, 100));
    EXPECT_NEAR(sluice_range_count_milli(&ranges.all()[0]), 400'000, 100);
    EXPECT_EQ(ranges.all()[0].age, 40U);
}

TEST(RangesEpoch, CountsDecayToZero)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    ranges.epoch(even(kBase, 1_GiB, 100));
    ranges.epoch({});
    EXPECT_EQ(ranges.total_count(), 75 * kOne);
    for (int i = 0; i < 60; i++)
        ranges.epoch({});
    EXPECT_EQ(ranges.total_count(), 0U);
}

TEST(RangesCut, IsolatesAHotPartInOneEpoch)
{
    for (u64 hot : {0_MiB, 2_MiB, 500_MiB, 512_MiB, 1022_MiB}) {
        Ranges ranges;
        ranges.sync({{kBase, kBase + 1_GiB}});
        ranges.epoch(even(kBase + hot, 2_MiB, 90) + even(kBase, 1_GiB, 10));
        const sluice_range &found = ranges.at(kBase + hot + 1_MiB);
        EXPECT_EQ(found.start, kBase + hot);
        EXPECT_EQ(found.end, kBase + hot + 2_MiB);
        EXPECT_LE(ranges.size(), 3U) << "hot at " << hot;
    }
}

// As many hot parts as cold ones on either side of any point: straight in the large.
TEST(RangesCut, FindsTheTeethOfAComb)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    Entries samples = even(kBase, 1_GiB, 300);
    for (u64 tooth = 0; tooth < 16; tooth++)
        samples = samples + even(kBase + tooth * 64_MiB + 32_MiB, 2_MiB, 100);
    ranges.epoch(samples);
    for (u64 tooth = 0; tooth < 16; tooth++) {
        const sluice_range &hot = ranges.at(kBase + tooth * 64_MiB + 33_MiB);
        EXPECT_EQ(hot.start, kBase + tooth * 64_MiB + 32_MiB);
        EXPECT_EQ(hot.end, hot.start + 2_MiB);
    }
}

TEST(RangesCut, NeedsMoreThanTheThreshold)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    EXPECT_EQ(ranges.epoch(even(kBase, 2_MiB, SLUICE_SPLIT_THRESHOLD_DEFAULT)).splits, 0U);
    // With the next one the two epochs together are enough.
    EXPECT_GT(ranges.epoch(even(kBase, 2_MiB, 1)).splits, 0U);
}

TEST(RangesCut, EvidenceOfLongAgoDoesNotCount)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    ranges.epoch(even(kBase, 2_MiB, 15));
    for (int i = 0; i < 8; i++)
        ranges.epoch({});
    EXPECT_EQ(ranges.epoch(even(kBase, 2_MiB, 15)).splits, 0U);
}

TEST(RangesCut, AnEvenSpreadStaysWhole)
{
    for (unsigned nr : {16, 100, 1000, 5000}) {
        Ranges ranges;
        ranges.sync({{kBase, kBase + 1_GiB}});
        EXPECT_EQ(ranges.epoch(even(kBase, 1_GiB, nr)).splits, 0U);
    }
}

TEST(RangesCut, ADifferenceThatDoesNotMatterIsNoReason)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    // 100'000 samples make a difference of 20 % certain, but it changes nothing.
    ranges.epoch(even(kBase, 512_MiB, 55'000) + even(kBase + 512_MiB, 512_MiB, 45'000));
    EXPECT_EQ(ranges.size(), 1U);
    EXPECT_EQ(ranges.all()[0].age, 1U);
    EXPECT_EQ(ranges.all()[0].count, 100'000 * kOne);
}

TEST(RangesCut, KeepsTheTotal)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    ranges.all()[0].resident_pages = 262'143;
    ranges.all()[0].fast_pages[0] = 7;
    ranges.epoch(even(kBase + 100_MiB, 7_MiB, 333) + even(kBase, 1_GiB, 100));
    u64 resident = 0, fast = 0;
    for (const sluice_range &range : ranges.all()) {
        resident += range.resident_pages;
        fast += range.fast_pages[0];
    }
    EXPECT_GT(ranges.size(), 1U);
    EXPECT_EQ(ranges.total_count(), 433 * kOne);
    EXPECT_EQ(resident, 262'143U);
    EXPECT_EQ(fast, 7U);
}

TEST(RangesCut, HistoryFollowsTheSamples)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    ranges.epoch(even(kBase, 1_GiB, 1000));
    ranges.epoch(even(kBase + 100_MiB, 2_MiB, 2000));
    EXPECT_GT(ranges.at(kBase + 101_MiB).count, 2000 * kOne);
}

TEST(RangesCut, RespectsMinRangeAndItsMultiples)
{
    for (u64 min_range : {4_KiB, 64_KiB, 2_MiB, 32_MiB}) {
        sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
        params.min_range = min_range;
        Ranges ranges(params);
        ranges.sync({{kBase, kBase + 1_GiB}});
        ranges.epoch(even(kBase + 321 * 4_KiB, 4_KiB, 1000));
        const sluice_range &hot = ranges.at(kBase + 321 * 4_KiB);
        EXPECT_EQ(hot.end - hot.start, min_range);
        EXPECT_EQ(hot.start % min_range, 0U);
    }
}

TEST(RangesCut, NoPieceIsSmallerThanMinRange)
{
    Ranges ranges;
    // The first multiple of 2 MiB is 4 KiB after the start, the last 4 KiB before the end.
    u64 start = kBase - 4_KiB, end = kBase + 8_MiB + 4_KiB;
    ranges.sync({{start, end}});
    ranges.epoch(Entries(100, start) + Entries(100, end - 1));
    for (const sluice_range &range : ranges.all())
        EXPECT_GE(range.end - range.start, 2_MiB);
}

TEST(RangesCut, NeverMakesMoreThanMaxRanges)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.max_ranges = 20;
    params.min_range = 4_KiB;
    Ranges ranges(params);
    ranges.sync({{kBase, kBase + 1_GiB}});
    for (int epoch = 0; epoch < 20; epoch++) {
        Entries samples;
        for (u64 i = 0; i < 100; i++)
            samples = samples + Entries(100, kBase + i * 10_MiB);
        ranges.epoch(samples);  // Ranges::check() looks at the number
    }
    EXPECT_GE(ranges.size(), 10U);
}

TEST(RangesCut, SurvivesLackOfMemory)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    Entries samples;
    for (u64 i = 0; i < 100; i++)
        samples = samples + Entries(100, kBase + i * 10_MiB);
    shim_allocations_left = 0;
    EXPECT_EQ(ranges.epoch(samples).classified, samples.size());
    shim_allocations_left = -1;
}

TEST(RangesCut, KnowsTheWholeAddressSpace)
{
    Ranges ranges;
    // Five-level page tables: 56 bits for user space.
    ranges.sync({{kPage, (1ULL << 56) - kPage}});
    ranges.epoch(Entries(5000, (1ULL << 55) + 123));
    const sluice_range &hot = ranges.at((1ULL << 55) + 123);
    EXPECT_EQ(hot.end - hot.start, 2_MiB);
}

TEST(RangesCut, KnowsAWarmQuarterOfTheWholeAddressSpace)
{
    Ranges ranges;
    const u64 quarter = 1ULL << 54;
    ranges.sync({{kPage, 4 * quarter - kPage}});
    ranges.epoch(even(kPage, quarter - kPage, 4000) + even(quarter, 3 * quarter - kPage, 1000));
    ASSERT_EQ(ranges.size(), 2U);
    EXPECT_NEAR(ranges.all()[0].end, quarter, quarter / 1000);
}

TEST(RangesCut, AnEvenSpreadOverTheWholeAddressSpaceStaysWhole)
{
    Ranges ranges;
    ranges.sync({{kPage, (1ULL << 56) - kPage}});
    EXPECT_EQ(ranges.epoch(even(kPage, (1ULL << 56) - 2 * kPage, 5000)).splits, 0U);
}

// Cuts a hot part out of the middle, then gives all parts the same rate.
void cut_and_cool(Ranges &ranges)
{
    ranges.sync({{kBase, kBase + 1_GiB}});
    ranges.epoch(even(kBase + 500_MiB, 2_MiB, 100));
    ASSERT_EQ(ranges.size(), 3U);
}

TEST(RangesMerge, ColdNeighboursGrowTogether)
{
    Ranges ranges;
    cut_and_cool(ranges);
    unsigned merges = 0;
    for (int i = 0; i < 40; i++)
        merges += ranges.epoch({}).merges;
    EXPECT_EQ(merges, 2U);
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 1_GiB}}));
}

TEST(RangesMerge, EquallyWarmNeighboursGrowTogether)
{
    Ranges ranges;
    cut_and_cool(ranges);
    for (int i = 0; i < 60; i++)
        ranges.epoch(even(kBase, 1_GiB, 2000));
    EXPECT_EQ(ranges.size(), 1U);
}

TEST(RangesMerge, WaitsForMergeEpochs)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 4_MiB}});
    ranges.sync({{kBase, kBase + 8_MiB}});
    ASSERT_EQ(ranges.size(), 2U);
    for (unsigned i = 1; i < SLUICE_MERGE_EPOCHS_DEFAULT; i++)
        ASSERT_EQ(ranges.epoch({}).merges, 0U);
    EXPECT_EQ(ranges.epoch({}).merges, 1U);
}

TEST(RangesMerge, OneUnlikeEpochStartsTheWaitAgain)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 4_MiB}});
    ranges.sync({{kBase, kBase + 8_MiB}});
    for (unsigned i = 0; i < 5; i++)
        ranges.epoch({});
    ranges.epoch(even(kBase, 4_MiB, 50));
    while (ranges.all()[0].count > 3 * kOne)
        ASSERT_EQ(ranges.epoch({}).merges, 0U);
    for (unsigned i = 2; i < SLUICE_MERGE_EPOCHS_DEFAULT; i++)
        ASSERT_EQ(ranges.epoch({}).merges, 0U);
}

TEST(RangesMerge, DifferentlyWarmNeighboursStayApart)
{
    Ranges ranges;
    cut_and_cool(ranges);
    for (int i = 0; i < 60; i++)
        EXPECT_EQ(ranges.epoch(even(kBase + 500_MiB, 2_MiB, 30) + even(kBase, 1_GiB, 30)).merges,
                  0U);
    EXPECT_EQ(ranges.size(), 3U);
}

TEST(RangesMerge, DifferentTiersStayApart)
{
    Ranges ranges;
    cut_and_cool(ranges);
    ranges.all()[1].tier = 1;
    for (int i = 0; i < 40; i++)
        ranges.epoch({});
    EXPECT_EQ(ranges.size(), 3U);
}

TEST(RangesMerge, NeverOverAHole)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 4_MiB}, {kBase + 6_MiB, kBase + 8_MiB}});
    for (int i = 0; i < 40; i++)
        EXPECT_EQ(ranges.epoch({}).merges, 0U);
}

TEST(RangesMerge, AddsUp)
{
    Ranges ranges;
    cut_and_cool(ranges);
    for (sluice_range &range : ranges.all()) {
        range.resident_pages = 100;
        range.fast_pages[0] = 10;
    }
    for (int i = 0; i < 40; i++)
        ranges.epoch({});
    ASSERT_EQ(ranges.size(), 1U);
    EXPECT_EQ(ranges.all()[0].resident_pages, 300U);
    EXPECT_EQ(ranges.all()[0].fast_pages[0], 30U);
    EXPECT_TRUE(ranges.all()[0].stale);
}

TEST(RangesMerge, DoesNotWaitWhenRangesRunShort)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.max_ranges = 4;
    Ranges ranges(params);
    for (u64 i = 1; i <= 4; i++)
        ranges.sync({{kBase, kBase + i * 4_MiB}});
    ASSERT_EQ(ranges.size(), 4U);
    EXPECT_EQ(ranges.epoch({}).merges, 3U);
}

TEST(RangesCount, MilliIsExactAndDoesNotOverflow)
{
    sluice_range range = {};
    range.count = 3 * kOne / 2;
    EXPECT_EQ(sluice_range_count_milli(&range), 1500U);
    range.count = ~0ULL;
    EXPECT_EQ(sluice_range_count_milli(&range),
              static_cast<u64>(static_cast<unsigned __int128>(~0ULL) * 1000 >> SLUICE_COUNT_SHIFT));
}

}  // namespace
}  // namespace unit
