// SPDX-License-Identifier: GPL-2.0-or-later
// Loads: they choose what they say, and they notice a changed byte.
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "workload/gups.h"
#include "workload/key_chooser.h"
#include "workload/kv_value.h"
#include "workload/progress.h"

namespace sluice {
namespace {

GupsConfig small_gups()
{
    GupsConfig config;
    config.size_bytes = 1 << 20;
    config.limit.operations = 100001;
    return config;
}

TEST(Gups, CleanRunHasNoCorruptByte)
{
    auto gups = Gups::create(small_gups());
    ASSERT_TRUE(gups);
    gups->run({});
    const GupsResult result = gups->verify();
    EXPECT_EQ(result.corrupt_bytes, 0u);
    EXPECT_EQ(result.halves.whole().operations, 100001u);
    EXPECT_GT(result.halves.second.nanoseconds, 0u);
}

TEST(Gups, EveryFlippedBitIsSeen)
{
    auto gups = Gups::create(small_gups());
    ASSERT_TRUE(gups);
    gups->run({});
    for (unsigned bit = 0; bit < 64; ++bit) {
        uint64_t &cell = gups->cells()[bit * 1000 + 17];
        cell ^= uint64_t{1} << bit;
        EXPECT_EQ(gups->verify().corrupt_bytes, 8u) << "bit " << bit;
        cell ^= uint64_t{1} << bit;
    }
    EXPECT_EQ(gups->verify().corrupt_bytes, 0u);
}

// What a migration does that copies a page and loses the writes made meanwhile.
TEST(Gups, LostUpdateIsSeen)
{
    auto gups = Gups::create(small_gups());
    ASSERT_TRUE(gups);
    const std::vector<uint64_t> old(gups->cells().begin(), gups->cells().end());
    gups->run({});
    size_t changed = old.size() - 1;
    while (gups->cells()[changed] == old[changed])
        --changed;
    gups->cells()[changed] = old[changed];
    EXPECT_GE(gups->verify().corrupt_bytes, 8u);
}

TEST(Gups, ZeroedPageIsSeen)
{
    auto gups = Gups::create(small_gups());
    ASSERT_TRUE(gups);
    gups->run({});
    const auto page = gups->cells().subspan(512, 512);
    std::fill(page.begin(), page.end(), 0);
    EXPECT_EQ(gups->verify().corrupt_bytes, 4096u);
}

TEST(Gups, HotSetTakesItsShare)
{
    auto gups = Gups::create(small_gups());
    ASSERT_TRUE(gups);
    const std::vector<uint64_t> old(gups->cells().begin(), gups->cells().end());
    gups->run({});
    const size_t hot_start = old.size() - old.size() * 8 / 100;
    size_t untouched_hot = 0, untouched_cold = 0;
    for (size_t i = 0; i < old.size(); ++i)
        (i >= hot_start ? untouched_hot : untouched_cold) += old[i] == gups->cells()[i];
    // 8.7 updates a hot cell, 0.08 a cold one, Poisson: e^-8.7 and e^-0.08 stay untouched.
    EXPECT_LT(untouched_hot, (old.size() - hot_start) / 500);
    EXPECT_GT(untouched_cold, hot_start * 9 / 10);
}

TEST(Kv, ValueFollowsFromKeyAndSeed)
{
    KvValues values(1, 1000), same(1, 1000), other(2, 1000);
    const std::string seven(values.of(7));
    EXPECT_EQ(seven.size(), 1000u);
    EXPECT_EQ(seven, same.of(7));
    EXPECT_NE(seven, values.of(8));
    EXPECT_NE(seven, other.of(7));
    EXPECT_EQ(kv_key(7), "key:000000000007");
}

TEST(Kv, OddSizesAreFilledToTheEnd)
{
    KvValues values(1, 1003);
    const std::string a(values.of(1)), b(values.of(2));
    EXPECT_NE(a.substr(1000), std::string(3, '\0'));
    EXPECT_NE(a.substr(1000), b.substr(1000));
}

TEST(Kv, CorruptBytesAreCounted)
{
    KvValues values(1, 100);
    std::string value(values.of(3));
    EXPECT_EQ(values.corrupt_bytes(3, value), 0u);
    value[0] ^= 1;
    value[99] ^= 0x40;
    EXPECT_EQ(values.corrupt_bytes(3, value), 2u);
    EXPECT_EQ(values.corrupt_bytes(3, value.substr(0, 90)), 11u) << "ten missing, one wrong";
    EXPECT_EQ(values.corrupt_bytes(3, ""), 100u);
    EXPECT_GT(values.corrupt_bytes(4, std::string(values.of(3))), 90u)
        << "the value of another key";
}

TEST(Keys, LatestReadsTheNewestTenthNineTimesInTen)
{
    LatestChooser chooser(1000);
    Random random(1);
    unsigned latest = 0, highest = 0;
    for (int i = 0; i < 100000; ++i) {
        const uint64_t key = chooser.next(random);
        ASSERT_LT(key, 1000u);
        latest += key >= 900;
        highest += key == 999;
    }
    EXPECT_NEAR(latest, 90000, 500);
    EXPECT_NEAR(highest, 900, 150);
}

TEST(Keys, ZipfFollowsItsLaw)
{
    ZipfChooser chooser(1000);
    Random random(1);
    std::vector<unsigned> hits(1000);
    for (int i = 0; i < 200000; ++i)
        ++hits.at(chooser.rank(random));
    EXPECT_NEAR(static_cast<double>(hits[0]) / hits[1], 1.986, 0.1) << "2 to the 0.99";
    EXPECT_NEAR(static_cast<double>(hits[0]) / 200000, 0.1295, 0.005) << "1 / zeta(1000)";
    EXPECT_GT(std::accumulate(hits.begin() + 500, hits.end(), 0u), 0u);
}

TEST(Keys, ZipfScattersThePopular)
{
    ZipfChooser chooser(100000);
    Random random(1);
    uint64_t low_half = 0;
    for (int i = 0; i < 10000; ++i) {
        const uint64_t key = chooser.next(random);
        ASSERT_LT(key, 100000u);
        low_half += key < 50000;
    }
    EXPECT_GT(low_half, 2000u);
    EXPECT_LT(low_half, 8000u);
}

TEST(Keys, FewKeys)
{
    Random random(1);
    for (uint64_t keys : {1, 2, 3})
        for (KeyMode mode : {KeyMode::latest, KeyMode::zipf}) {
            const auto chooser = make_chooser(mode, keys);
            for (int i = 0; i < 100; ++i)
                EXPECT_LT(chooser->next(random), keys);
        }
}

TEST(Progress, HookRunsOnceAtHalf)
{
    int calls = 0;
    uint64_t done = 0, at_half = 0;
    Hooks hooks;
    hooks.at_half = [&] { ++calls, at_half = done; };
    Progress progress({100, {}}, hooks);
    for (; progress.more(done); done += 10) {
    }
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(at_half, 50u);
    EXPECT_EQ(progress.halves().first.operations, 50u);
    EXPECT_EQ(progress.halves().second.operations, 50u);
}

TEST(Progress, InterruptEndsEarly)
{
    Hooks hooks;
    hooks.interrupted = [] { return true; };
    Progress progress({100, {}}, hooks);
    EXPECT_FALSE(progress.more(10));
    EXPECT_TRUE(progress.interrupted());
    EXPECT_EQ(progress.halves().whole().operations, 10u);
}

TEST(Progress, ByTime)
{
    Progress progress({0, std::chrono::milliseconds(2)}, {});
    uint64_t done = 0;
    while (progress.more(done))
        ++done;
    EXPECT_GE(progress.halves().whole().nanoseconds, 2000000u);
}

}  // namespace
}  // namespace sluice
