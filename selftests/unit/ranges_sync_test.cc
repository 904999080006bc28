// SPDX-License-Identifier: GPL-2.0-or-later
// The classifier follows the mappings of its process.
#include "ranges_samples.h"

namespace unit {
namespace {

TEST(RangesInit, RefusesNonsense)
{
    const sluice_ranges_params good = SLUICE_RANGES_PARAMS_DEFAULT;
    sluice_ranges r;
    for (u64 min_range : {0_KiB, 2_KiB, 12_KiB}) {
        sluice_ranges_params params = good;
        params.min_range = min_range;
        EXPECT_EQ(sluice_ranges_init(&r, &params), -EINVAL);
    }
    sluice_ranges_params params = good;
    params.max_ranges = 0;
    EXPECT_EQ(sluice_ranges_init(&r, &params), -EINVAL);
    params = good;
    params.significance = 0;
    EXPECT_EQ(sluice_ranges_init(&r, &params), -EINVAL);
}

TEST(RangesInit, ReportsLackOfMemoryAndIsSafeToDestroy)
{
    sluice_ranges r;
    shim_allocations_left = 0;
    EXPECT_EQ(sluice_ranges_init(&r, nullptr), -ENOMEM);
    shim_allocations_left = -1;
    sluice_ranges_destroy(&r);
}

TEST(RangesSync, CoversEachSpan)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}, {kBase + 2_GiB, kBase + 3_GiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 1_GiB}, {kBase + 2_GiB, kBase + 3_GiB}}));
    EXPECT_TRUE(ranges.all()[0].stale);
}

TEST(RangesSync, TakesTouchingSpansAsOne)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}, {kBase + 1_GiB, kBase + 2_GiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 2_GiB}}));
}

TEST(RangesSync, IsIdempotent)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}});
    ranges.epoch(even(kBase, 1_GiB, 100));
    sluice_range before = ranges.all()[0];
    ranges.all()[0].stale = false;
    ranges.sync({{kBase, kBase + 1_GiB}});
    EXPECT_EQ(ranges.size(), 1U);
    EXPECT_EQ(ranges.all()[0].count, before.count);
    EXPECT_EQ(ranges.all()[0].age, before.age);
    EXPECT_FALSE(ranges.all()[0].stale);
}

TEST(RangesSync, ForgetsWhatIsUnmapped)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 1_GiB}, {kBase + 2_GiB, kBase + 3_GiB}});
    ranges.sync({{kBase + 2_GiB, kBase + 3_GiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase + 2_GiB, kBase + 3_GiB}}));
    ranges.sync({});
    EXPECT_EQ(ranges.size(), 0U);
}

TEST(RangesSync, GrownMappingGetsARangeOfItsOwn)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 5_MiB}});
    ranges.epoch(even(kBase, 5_MiB, 10));
    ranges.sync({{kBase, kBase + 20_MiB}});
    // The bound between is a multiple of min_range.
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 6_MiB}, {kBase + 6_MiB, kBase + 20_MiB}}));
    EXPECT_EQ(ranges.all()[0].count, 10 * kOne);
    EXPECT_EQ(ranges.all()[1].count, 0U);
    EXPECT_EQ(ranges.all()[1].age, 0U);
}

TEST(RangesSync, GrowsDownwardsToo)
{
    Ranges ranges;
    ranges.sync({{kBase + 9_MiB, kBase + 20_MiB}});
    ranges.sync({{kBase, kBase + 20_MiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 8_MiB}, {kBase + 8_MiB, kBase + 20_MiB}}));
}

TEST(RangesSync, SmallGrowthMakesNoNewRange)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 5_MiB}});
    ranges.sync({{kBase, kBase + 5_MiB + 132_KiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 5_MiB + 132_KiB}}));
    EXPECT_TRUE(ranges.all()[0].stale);
}

TEST(RangesSync, AShrunkMappingKeepsItsAge)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 20_MiB}});
    for (int i = 0; i < 5; i++)
        ranges.epoch({});
    ranges.sync({{kBase + 4_MiB, kBase + 16_MiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase + 4_MiB, kBase + 16_MiB}}));
    EXPECT_EQ(ranges.all()[0].age, 5U);
}

// What is gone must not take the room of what is new.
TEST(RangesSync, ReplacesAllRangesAtOnce)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.max_ranges = 4;
    Ranges ranges(params);
    for (u64 i = 1; i <= 4; i++)
        ranges.sync({{2 * kBase, 2 * kBase + i * 4_MiB}});
    ASSERT_EQ(ranges.size(), 4U);
    ranges.sync({{kBase, kBase + 4_MiB}, {kBase + 8_MiB, kBase + 12_MiB}});
    EXPECT_EQ(bounds(ranges), (Bounds{{kBase, kBase + 4_MiB}, {kBase + 8_MiB, kBase + 12_MiB}}));
}

TEST(RangesSync, AHoleCutsARangeAndSharesItsHistory)
{
    Ranges ranges;
    ranges.sync({{kBase, kBase + 8_MiB}});
    ranges.epoch(even(kBase, 8_MiB, 80));
    ranges.all()[0].resident_pages = 2048;
    ranges.all()[0].fast_pages[0] = 1024;
    ranges.sync({{kBase, kBase + 2_MiB}, {kBase + 4_MiB, kBase + 8_MiB}});
    ASSERT_EQ(ranges.size(), 2U);
    EXPECT_EQ(ranges.all()[0].count, 20 * kOne);
    EXPECT_EQ(ranges.all()[0].resident_pages, 512U);
    EXPECT_EQ(ranges.all()[0].fast_pages[0], 256U);
    EXPECT_EQ(ranges.all()[1].count, 40 * kOne);
    EXPECT_EQ(ranges.all()[1].resident_pages, 1024U);
    EXPECT_TRUE(ranges.all()[0].stale && ranges.all()[1].stale);
    // What fills the hole knows nothing of what was there.
    ranges.sync({{kBase, kBase + 8_MiB}});
    EXPECT_EQ(ranges.at(kBase + 3_MiB).count, 0U);
    EXPECT_EQ(ranges.total_count(), 60 * kOne);
}

TEST(RangesSync, LeavesOutTheShortestOfTooManySpans)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.max_ranges = 10;
    Ranges ranges(params);
    // The short ones come first: order must not decide. Room is for the four long ones and one of
    // the middle ones.
    std::vector<sluice_span> spans;
    for (u64 i = 0; i < 100; i++) {
        u64 len = i < 76 ? 16_KiB : i < 96 ? 512_KiB : 1_GiB;
        spans.push_back({kBase + i * 2_GiB, kBase + i * 2_GiB + len});
    }
    ranges.sync(spans);
    EXPECT_EQ(ranges.size(), 5U);
    for (const sluice_range &range : ranges.all())
        EXPECT_GE(range.end - range.start, 512_KiB);
    for (u64 i = 96; i < 100; i++)
        EXPECT_TRUE(ranges.covers(spans[i].start));
}

TEST(RangesSync, CoversSomeOfTooManyEqualSpans)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.max_ranges = 10;
    Ranges ranges(params);
    std::vector<sluice_span> spans;
    for (u64 i = 0; i < 100; i++)
        spans.push_back({kBase + i * 2_GiB, kBase + i * 2_GiB + 1_GiB});
    ranges.sync(spans);
    EXPECT_EQ(ranges.size(), 5U);
}

TEST(RangesSync, SurvivesLackOfMemory)
{
    Ranges ranges;
    std::vector<sluice_span> spans;
    for (u64 i = 0; i < 100; i++)
        spans.push_back({kBase + i * 2_GiB, kBase + i * 2_GiB + 1_GiB});
    shim_allocations_left = 1;
    ranges.sync(spans);
    shim_allocations_left = -1;
    EXPECT_GT(ranges.size(), 0U);
    EXPECT_LT(ranges.size(), 100U);
    ranges.sync(spans);
    EXPECT_EQ(ranges.size(), 100U);
}

}  // namespace
}  // namespace unit
