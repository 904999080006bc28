// SPDX-License-Identifier: GPL-2.0-or-later
// Samples are sorted by page, none is lost, and nothing beyond them is touched.
#include <random>

#include "kernel.h"

namespace unit {
namespace {

// What is sorted by page may be in any order inside a page.
void expect_sorted(Entries samples)
{
    Entries sorted = samples, scratch(samples.size());

    sluice_sort_samples(sorted.data(), scratch.data(), sorted.size());
    EXPECT_TRUE(std::ranges::is_sorted(sorted, {}, page_of)) << samples.size() << " samples";
    std::ranges::sort(sorted);
    std::ranges::sort(samples);
    EXPECT_EQ(sorted, samples);
}

Entries random_samples(size_t nr, u64 from, u64 len)
{
    std::mt19937_64 random(nr);
    Entries samples(nr);

    for (u64 &sample : samples)
        sample = from + random() % len;
    return samples;
}

TEST(SampleSort, AnyNumberOfThem)
{
    for (size_t nr : {0, 1, 2, 3, 31, 32, 33, 255, 256, 257, 1000, 16384})
        expect_sorted(random_samples(nr, 1_TiB, 64_TiB));
}

TEST(SampleSort, PagesThatDifferInFewBits)
{
    for (u64 len : {kPage, 2 * kPage, 256 * kPage, 257 * kPage, 1_GiB})
        for (size_t nr : {31, 1000})
            expect_sorted(random_samples(nr, 0x7f12'3456'7000, len));
}

// Only in the highest digit of an address, and in two that are far apart.
TEST(SampleSort, PagesThatDifferInHighBits)
{
    Entries high, both;

    for (u64 i = 0; i < 300; i++) {
        high.push_back((299 - i) << 52);
        both.push_back((i % 7) << 60 | (i % 5) << 12 | i);
    }
    expect_sorted(high);
    expect_sorted(both);
}

TEST(SampleSort, OneAddressManyTimes)
{
    expect_sorted(Entries(5000, 4_GiB + 123));
}

TEST(SampleSort, TakesNoMoreRoomThanItIsGiven)
{
    for (size_t nr : {31, 32, 500}) {
        Entries samples = random_samples(nr + 1, 1_TiB, 1_TiB), scratch(nr + 1, 42);
        const u64 beyond = samples.back();

        sluice_sort_samples(samples.data(), scratch.data(), nr);
        EXPECT_EQ(samples.back(), beyond);
        EXPECT_EQ(scratch.back(), 42U);
    }
}

}  // namespace
}  // namespace unit
