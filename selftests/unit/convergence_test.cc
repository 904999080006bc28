// SPDX-License-Identifier: GPL-2.0-or-later
// What the classifier and the placement promise together: how soon a hot set is found, how soon
// again after it moved, and that patterns without a hot set, or with one that ranges cannot see,
// are left alone.
#include <cmath>
#include <functional>

#include "kernel.h"

namespace unit {
namespace {

// Four vCPUs that wait for the slow tier (177 ns per load) one load after the other: the fewest
// samples that a memory bound guest of this size makes in an epoch of 500 ms at the default period.
constexpr unsigned kSamples = 4 * 500'000'000 / 177 / 4093;

// What moving a page of 4 KiB costs, nanoseconds: a usual figure of migrate_pages().
constexpr unsigned kMoveNs = 4000;

using Pattern = std::function<u64(Random &)>;

Pattern uniform(u64 start, u64 len)
{
    return [=](Random &random) { return start + random.below(len); };
}

// As GUPS: a share of the accesses goes to the hot part, the rest anywhere.
Pattern hotset(u64 start, u64 len, u64 hot, u64 hot_len, double share = 0.9)
{
    return [=](Random &random) {
        return random.chance(share) ? hot + random.below(hot_len) : start + random.below(len);
    };
}

Entries sample(const Pattern &pattern, Random &random, unsigned nr)
{
    Entries samples(nr);
    for (u64 &address : samples)
        address = pattern(random);
    return samples;
}

// How much of a hot part lies in ranges that are hardly larger than it.
double found(Ranges &ranges, u64 hot, u64 hot_len)
{
    u64 bytes = 0;
    for (const sluice_range &range : ranges.all()) {
        u64 begin = std::max<u64>(range.start, hot), end = std::min<u64>(range.end, hot + hot_len);
        if (begin < end && range.end - range.start <= hot_len + 4_MiB)
            bytes += end - begin;
    }
    return static_cast<double>(bytes) / static_cast<double>(hot_len);
}

// Of a hot part that is not aligned, a few pages may lie in a unit that is cold otherwise.
constexpr double kFound = 0.95;

class FindsHotSet : public testing::TestWithParam<double> {};

TEST_P(FindsHotSet, Of2MiBIn64TiBWithinThreeEpochs)
{
    const double share = GetParam();
    for (u64 seed = 0; seed < 50; seed++) {
        Random random(seed);
        Ranges ranges;
        const u64 start = 4_TiB + random.below(1000) * kPage, len = 64_TiB;
        // Both ends, the middle, anywhere; mostly not aligned to min_range.
        const u64 last = len - 2_MiB;
        u64 at[] = {0, last, len / 2, random.below(last / kPage) * kPage};
        u64 hot = start + at[seed % 4];
        ranges.sync({{start, start + len}});

        for (int epoch = 0; epoch < 3; epoch++)
            ranges.epoch(sample(hotset(start, len, hot, 2_MiB, share), random, kSamples));
        EXPECT_GE(found(ranges, hot, 2_MiB), kFound) << "seed " << seed;

        // And again as fast after it moved.
        u64 moved = start + random.below(last / kPage) * kPage;
        for (int epoch = 0; epoch < 3; epoch++)
            ranges.epoch(sample(hotset(start, len, moved, 2_MiB, share), random, kSamples));
        EXPECT_GE(found(ranges, moved, 2_MiB), kFound) << "after the move, seed " << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(, FindsHotSet, testing::Values(0.9, 0.5, 0.1), [](const auto &info) {
    return "With" + std::to_string(std::lround(info.param * 100)) + "PercentOfAccesses";
});

// The stated error rate: cuts of evenly accessed ranges, per range looked at.
TEST(FalseCuts, AreAsRareAsStated)
{
    const double kStated = 0.001;
    const int kTrials = 10'000;
    for (unsigned nr : {16, 30, 100, 400, 1000}) {
        Random random(nr);
        int cut = 0;
        for (int trial = 0; trial < kTrials; trial++) {
            Ranges ranges;
            ranges.sync({{1_GiB, 2_GiB}});
            cut += ranges.epoch(sample(uniform(1_GiB, 1_GiB), random, nr)).splits > 0;
        }
        // Four standard deviations of the count above the bound.
        EXPECT_LE(cut, kTrials * kStated + 4 * std::sqrt(kTrials * kStated)) << nr << " samples";
    }
}

TEST(FalseCuts, DoNotPileUp)
{
    Random random(1);
    Ranges ranges;
    ranges.sync({{1_GiB, 2_GiB}});
    unsigned worst = 0;
    for (int epoch = 0; epoch < 3000; epoch++) {
        ranges.epoch(sample(uniform(1_GiB, 1_GiB), random, 300));
        worst = std::max(worst, ranges.size());
    }
    EXPECT_LE(worst, 8U);
    EXPECT_LE(ranges.size(), 4U);
}

// A guest with one process: samples in, moves of pages out, everything that is chosen moves at
// once.
class Simulation {
public:
    Simulation(u64 resident, u64 fast, u64 seed = 1)
        : random_(seed), fast_(resident / kPage, false), capacity_(fast / kPage)
    {
        ranges_.sync({{kStart, kStart + resident}});
        // First touch, in address order.
        std::fill_n(fast_.begin(), capacity_, true);
    }

    // One epoch; returns the share of accesses that the fast tier served.
    double epoch(const Pattern &pattern, unsigned nr = kSamples)
    {
        Entries samples = sample(pattern, random_, nr);
        double hits = 0;
        for (u64 address : samples)
            hits += fast_[page(address)];
        ranges_.epoch(samples);
        for (sluice_range &range : ranges_.all()) {
            auto begin = fast_.begin() + page(range.start), end = fast_.begin() + page(range.end);
            range.resident_pages = end - begin;
            range.fast_pages[0] = std::count(begin, end, true);
        }
        place();
        return hits / nr;
    }

    u64 moved() const { return moved_; }
    Ranges &ranges() { return ranges_; }
    static constexpr u64 kStart = 1_TiB;

private:
    static u64 page(u64 address) { return (address - kStart) / kPage; }

    void place()
    {
        std::vector<sluice_candidate> candidates;
        for (sluice_range &range : ranges_.all())
            candidates.push_back(candidate(range));
        sluice_placement pl = two_tiers(capacity_, SLUICE_MARGIN_DEFAULT_PCT, kMoveNs);
        sluice_placement_rank(&pl, candidates.data(), candidates.size());
        moved_ += pl.promote[0];

        for (sluice_range &range : ranges_.all()) {
            u64 left = range.fast_goal[0];
            u64 now = range.fast_pages[0];
            for (u64 p = page(range.start); p < page(range.end); p++) {
                if (now > left && fast_[p]) {
                    fast_[p] = false;
                    now--;
                } else if (now < left && !fast_[p]) {
                    fast_[p] = true;
                    now++;
                }
            }
        }
    }

    Random random_;
    Ranges ranges_;
    std::vector<bool> fast_;
    u64 capacity_;
    u64 moved_ = 0;
};

constexpr u64 kStart = Simulation::kStart;
constexpr u64 kResident = 1_GiB, kFast = 256_MiB;

// 90 % to a hot 8 %, somewhere where first touch has not put it.
// A hot set must be there for two epochs before it moves: it might be a sweep.
TEST(Guest, HotSetIsServedFastFromTheThirdEpochOn)
{
    for (u64 seed = 0; seed < 10; seed++) {
        Simulation guest(kResident, kFast, seed);
        u64 hot = kStart + 600_MiB + seed * 3_MiB;
        Pattern pattern = hotset(kStart, kResident, hot, kResident / 12);
        EXPECT_LT(guest.epoch(pattern), 0.1);
        EXPECT_LT(guest.epoch(pattern), 0.1);
        for (int i = 0; i < 20; i++)
            EXPECT_GT(guest.epoch(pattern), 0.85) << "seed " << seed << " epoch " << i + 2;
    }
}

TEST(Guest, MovedHotSetIsServedFastWithinThreeEpochs)
{
    Simulation guest(kResident, kFast);
    Pattern before = hotset(kStart, kResident, kStart + 300_MiB, kFast - 20_MiB);
    Pattern after = hotset(kStart, kResident, kStart + 700_MiB, kFast - 20_MiB);
    for (int i = 0; i < 20; i++)
        guest.epoch(before);
    for (int i = 0; i < 3; i++)
        guest.epoch(after);
    EXPECT_GT(guest.epoch(after), 0.80);
}

// A hot set at two rates: 2760 samples an epoch, and so few that only several epochs together say
// something.
TEST(Guest, FewSamplesCostTimeOnly)
{
    Simulation guest(kResident, kFast);
    Pattern pattern = hotset(kStart, kResident, kStart + 700_MiB, kResident / 12);
    for (int i = 0; i < 20; i++)
        guest.epoch(pattern, 40);
    double hits = 0;
    for (int i = 0; i < 20; i++)
        hits += guest.epoch(pattern, 40) / 20;
    EXPECT_GT(hits, 0.8);
}

TEST(Guest, UniformAccessMovesAlmostNothing)
{
    for (unsigned nr : {50U, 300U, kSamples}) {
        Simulation guest(kResident, kFast);
        for (int i = 0; i < 200; i++)
            guest.epoch(uniform(kStart, kResident), nr);
        // 200 epochs, 100 seconds: less than a tenth of the fast tier, once.
        EXPECT_LE(guest.moved(), kFast / kPage / 10) << nr << " samples";
    }
}

// A pointer goes through the memory, again and again, so much of it in an epoch: what it has passed
// is hotter than anything else, and of no use any more.
TEST(Guest, SweepsMoveAlmostNothing)
{
    for (u64 per_epoch : {8_MiB, 32_MiB, 128_MiB, 600_MiB})
        for (unsigned nr : {100U, kSamples}) {
            Simulation guest(kResident, kFast);
            u64 position = 0;
            constexpr int kEpochs = 300;
            for (int i = 0; i < kEpochs; i++) {
                guest.epoch(
                    [&](Random &r) { return kStart + (position + r.below(per_epoch)) % kResident; },
                    nr);
                position += per_epoch;
            }
            // Less than one page in 200 of those that were swept over.
            EXPECT_LE(guest.moved(), kEpochs * per_epoch / kPage / 200)
                << per_epoch / 1_MiB << " MiB, " << nr << " samples an epoch";
        }
}

// A sweep does not push out what is hot all the time, either.
TEST(Guest, SweepLeavesTheHotSetWhereItIs)
{
    Simulation guest(kResident, kFast);
    u64 position = 0;
    Pattern pattern = [&](Random &r) {
        return r.chance(0.5) ? kStart + 700_MiB + r.below(100_MiB)
                             : kStart + (position + r.below(32_MiB)) % kResident;
    };
    double hits = 0;
    for (int i = 0; i < 100; i++) {
        double share = guest.epoch(pattern);
        position += 32_MiB;
        if (i >= 50)
            hits += share / 50;
    }
    EXPECT_GT(hits, 0.5);
    EXPECT_LE(guest.moved(), 2 * 100_MiB / kPage);
}

// 8 % of the memory is hot, in pieces all over it.
Pattern scattered(u64 piece, u64 seed)
{
    Random random(seed);
    std::vector<u64> hot(kResident / piece / 12);
    for (u64 &start : hot)
        start = kStart + random.below(kResident / piece) * piece;
    return [=](Random &r) {
        return r.chance(0.9) ? hot[r.below(hot.size())] + r.below(piece)
                             : kStart + r.below(kResident);
    };
}

TEST(Guest, HotPiecesOf2MiBAreFound)
{
    Simulation guest(kResident, kFast);
    Pattern pattern = scattered(2_MiB, 7);
    for (int i = 0; i < 20; i++)
        guest.epoch(pattern);
    EXPECT_GT(guest.epoch(pattern), 0.85);
}

// Smaller than any range: the worst case. Ranges see an even spread.
TEST(Guest, HotPagesAllOverAreNoWorseThanFirstTouch)
{
    for (u64 seed = 0; seed < 5; seed++) {
        Simulation guest(kResident, kFast, seed);
        Pattern pattern = scattered(kPage, seed);
        double first_touch = guest.epoch(pattern), hits = 0;
        for (int i = 0; i < 100; i++)
            hits += guest.epoch(pattern) / 100;
        EXPECT_GT(hits, first_touch - 0.02) << "seed " << seed;
        EXPECT_LE(guest.moved(), kFast / kPage / 2) << "seed " << seed;
    }
}

TEST(Guest, HotPagesAllOverAreFoundWhenAskedFor)
{
    Simulation guest(kResident, kFast);
    guest.ranges().params().min_range = kPage;
    // A few, so that samples suffice to tell pages apart.
    u64 hot[100];
    Random random(5);
    for (u64 &page : hot)
        page = kStart + (kFast + random.below(kResident - kFast)) / kPage * kPage;
    Pattern pattern = [&](Random &r) {
        return r.chance(0.9) ? hot[r.below(100)] + r.below(kPage) : kStart + r.below(kResident);
    };
    for (int i = 0; i < 10; i++)
        guest.epoch(pattern);
    EXPECT_GT(guest.epoch(pattern), 0.85);
}

}  // namespace
}  // namespace unit
