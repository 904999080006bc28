// SPDX-License-Identifier: GPL-2.0-or-later
// The simulator: its patterns, its memory, and what it says of the kernel's code.
#include "sim/simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "sim/convergence.h"
#include "sim/fast_memory.h"
#include "sim/shuffle.h"
#include "sim/sweep.h"
#include "sim/zipf.h"

namespace sluice {
namespace {

constexpr uint64_t mib = 1 << 20, gib = 1 << 30, tib = uint64_t{1} << 40;

TEST(FastMemory, AgreesWithABitPerPage)
{
    Random random(3);
    FastMemory memory;
    std::vector<bool> model(200, false);
    for (int step = 0; step < 5000; ++step) {
        const uint64_t start = random.below(200), end = start + random.below(201 - start);
        const uint64_t most = random.below(40);
        const bool add = random.below(2) == 0;
        uint64_t expected = 0;
        for (uint64_t page = start; page < end && expected < most; ++page)
            if (model[page] != add) {
                model[page] = add;
                ++expected;
            }
        ASSERT_EQ(add ? memory.add(start, end, most) : memory.remove(start, end, most), expected);
        const uint64_t in =
            static_cast<uint64_t>(std::count(model.begin() + static_cast<long>(start),
                                             model.begin() + static_cast<long>(end), true));
        ASSERT_EQ(memory.bytes_in(start, end), in);
        ASSERT_EQ(memory.bytes(),
                  static_cast<uint64_t>(std::count(model.begin(), model.end(), true)));
        const uint64_t probe = random.below(200);
        ASSERT_EQ(memory.contains(probe), model[probe]) << step;
    }
    FastMemory whole;
    whole.add(0, 10, 10), whole.add(20, 30, 10), whole.add(10, 20, 10);
    EXPECT_EQ(whole.intervals(), 1u) << "neighbours become one";
}

TEST(Shuffle, IsAPermutation)
{
    for (const uint64_t n : {1u, 2u, 3u, 100u, 1000u, 4096u}) {
        const Shuffle shuffle(n, 7);
        std::set<uint64_t> seen;
        for (uint64_t i = 0; i < n; ++i)
            seen.insert(shuffle(i));
        EXPECT_EQ(seen.size(), n);
        EXPECT_EQ(*seen.rbegin(), n - 1);
    }
}

TEST(Zipf, DrawsWhatItSays)
{
    for (const double theta : {0.5, 0.99, 1.0, 1.5}) {
        const Zipf zipf(1'000'000, theta);
        Random random(5);
        const int draws = 200'000;
        std::map<uint64_t, int> below;
        for (int i = 0; i < draws; ++i) {
            const uint64_t rank = zipf.next(random);
            ASSERT_GE(rank, 1u);
            ASSERT_LE(rank, 1'000'000u);
            for (const uint64_t limit : {1, 10, 10'000, 100'000})
                below[limit] += rank <= limit;
        }
        for (const auto &[limit, count] : below) {
            const double share = zipf.share_of_first(limit);
            EXPECT_NEAR(count / double(draws), share, 4 * std::sqrt(share / draws) + 1e-4)
                << theta << " " << limit;
        }
    }
}

TEST(Zipf, LargeSumsAreRight)
{
    const Zipf zipf(50'000, 0.99);
    double first = 0, all = 0;
    for (int k = 1; k <= 50'000; ++k) {
        all += std::pow(k, -0.99);
        if (k == 20'000)
            first = all;
    }
    EXPECT_NEAR(zipf.share_of_first(20'000), first / all, 1e-7);
}

TEST(Pattern, BestIsWhatItsAccessesSay)
{
    // The best placement of a hot set is known: put it there, count.
    PatternConfig config;
    config.kind = PatternKind::scattered;
    config.size = 256 * mib;
    config.hot = 32 * mib;
    const auto pattern = make_pattern(config);
    Random random(1);
    std::map<uint64_t, int> pieces;
    const int accesses = 100'000;
    for (int i = 0; i < accesses; ++i)
        ++pieces[pattern->next(random) / config.piece];
    std::vector<int> counts;
    for (const auto &[piece, count] : pieces)
        counts.push_back(count);
    std::ranges::sort(counts, std::greater());
    for (const int fast : {8, 16}) {
        double best = 0;
        for (int i = 0; i < fast; ++i)
            best += counts[static_cast<size_t>(i)] / double(accesses);
        EXPECT_NEAR(pattern->best(double(fast) * double(config.piece)), best, 0.02) << fast;
    }
}

TEST(Convergence, CountsFromTheStartAndFromEachShift)
{
    Convergence convergence(0.8);
    for (const double hit : {0.1, 0.73, 0.8})
        convergence.add(hit, false);
    convergence.add(0.1, true);
    for (const double hit : {0.1, 0.1, 0.9})
        convergence.add(hit, false);
    convergence.add(0.2, true);
    EXPECT_EQ(convergence.epochs(), (std::vector<int64_t>{1, 3, -1}));
}

SimConfig config_of(PatternKind kind)
{
    SimConfig config;
    config.pattern.kind = kind;
    config.epochs = 40;
    return config;
}

TEST(Sim, FindsHotSetsWithinThreeEpochs)
{
    for (const PatternKind kind :
         {PatternKind::hotset, PatternKind::scattered, PatternKind::shifting}) {
        SimConfig config = config_of(kind);
        config.pattern.shift_epochs = 20;
        const auto result = simulate(config);
        ASSERT_TRUE(result) << describe(result.error());
        EXPECT_EQ(result->convergence.size(), kind == PatternKind::shifting ? 2u : 1u);
        for (const int64_t epochs : result->convergence) {
            EXPECT_GE(epochs, 1) << "first touch has it not";
            EXPECT_LE(epochs, 3) << name_of(kind);
        }
        EXPECT_GT(result->final_hit_ratio, 0.9 * result->best_hit_ratio) << name_of(kind);
        EXPECT_LE(result->final_hit_ratio, result->best_hit_ratio + 0.02) << name_of(kind);
    }
}

TEST(Sim, LeavesUniformAccessAlone)
{
    const auto result = simulate(config_of(PatternKind::uniform));
    ASSERT_TRUE(result);
    EXPECT_EQ(result->promoted, 0u);
    EXPECT_NEAR(result->final_hit_ratio, 0.2, 0.02);
}

TEST(Sim, ManyProcessesShareTheFastTier)
{
    SimConfig config = config_of(PatternKind::hotset);
    config.processes = 50;
    config.epochs = 10;
    config.pattern.size = 256 * mib;
    config.relocate_mbps = 0;
    const auto result = simulate(config);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->config.processes, 50u);
    EXPECT_GT(result->final_hit_ratio, 0.85);
    EXPECT_GT(result->kernel_bytes, 50u * 16384 * 8) << "a channel each";
    EXPECT_LT(result->kernel_bytes, 50u * 16384 * 8 * 2);
}

TEST(Sim, AFullChannelDropsAndSaysSo)
{
    SimConfig config = config_of(PatternKind::uniform);
    config.channel_entries = 1024;
    config.samples = 80'000;
    const auto result = simulate(config);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->samples, 40u * 2000);
    EXPECT_EQ(result->dropped, 40u * (2000 - 1024));
}

TEST(Sim, AThresholdAboveTheFastTierHidesIt)
{
    SimConfig config = config_of(PatternKind::uniform);
    config.load_latency = 300;  // fast loads take 215 cycles at most, slow ones 368 at least
    const auto result = simulate(config);
    ASSERT_TRUE(result);
    const SimEpoch &last = result->epochs.back();
    SimConfig all = config_of(PatternKind::uniform);
    const auto seen = simulate(all);
    EXPECT_NEAR(double(last.samples), 0.8 * double(seen->epochs.back().samples),
                0.05 * double(seen->epochs.back().samples));
}

TEST(Sim, HugeSizesAreFoundAsFast)
{
    SimConfig config = config_of(PatternKind::hotset);
    config.pattern.size = 64 * tib;
    config.pattern.hot = 2 * mib;
    config.epochs = 5;
    const auto result = simulate(config);
    ASSERT_TRUE(result);
    EXPECT_LE(result->convergence.front(), 3);
    EXPECT_GE(result->convergence.front(), 1);
    EXPECT_LT(result->kernel_bytes, mib);
}

TEST(Sim, RefusesWhatMakesNoSense)
{
    SimConfig config;
    config.min_range = 3 * mib;
    EXPECT_EQ(simulate(config).error().code, Code::usage);
    config = {};
    config.pattern.size = mib;
    EXPECT_EQ(simulate(config).error().code, Code::usage);
    config = {};
    config.pattern.hot = 2 * gib;
    EXPECT_EQ(simulate(config).error().code, Code::usage);
}

TEST(Sim, TellsWhatTheKernelsTraceWould)
{
    SimConfig config = config_of(PatternKind::hotset);
    config.epochs = 3;
    std::map<std::string, uint64_t> events;
    uint64_t time = 0, up = 0, bounds = 0;
    const auto result = simulate(config, [&](const trace::Timed &timed) {
        EXPECT_GE(timed.time_ns, time);
        time = timed.time_ns;
        std::visit([&](const auto &event) { ++events[event.name]; }, timed.event);
        if (const auto *moved = std::get_if<trace::Relocate>(&timed.event))
            up += moved->to == 0 ? moved->moved : 0;
        bounds += std::holds_alternative<trace::Split>(timed.event);
    });
    ASSERT_TRUE(result);
    EXPECT_EQ(events["sample"], result->samples);
    EXPECT_EQ(events["epoch"], 3u);
    EXPECT_EQ(events["rank"], 3u);
    EXPECT_EQ(events["span"], 3u);
    EXPECT_EQ(up, result->promoted);
    EXPECT_EQ(bounds, result->splits);
    uint64_t ranges = 0;
    for (const SimEpoch &epoch : result->epochs)
        ranges += epoch.ranges;
    EXPECT_EQ(events["range"], ranges);
}

TEST(Sweep, RunsEachCombination)
{
    const auto period = parse_axis("period=509,4093"), margin = parse_axis("margin=0,25,50");
    ASSERT_TRUE(period && margin);
    SimConfig config;
    config.epochs = 2;
    const auto runs = sweep(config, {*period, *margin});
    ASSERT_TRUE(runs);
    ASSERT_EQ(runs->size(), 6u);
    EXPECT_EQ((*runs)[4].values[0].second, 4093u);
    EXPECT_EQ((*runs)[4].values[1].second, 25u);
    EXPECT_EQ((*runs)[4].result.config.margin_pct, 25u);
    EXPECT_GT((*runs)[0].result.samples, 7 * (*runs)[3].result.samples);
    for (const char *bad : {"", "period", "period=", "period=x", "period=1,,2", "period=0", "x=1"})
        EXPECT_EQ(parse_axis(bad).error().code, Code::usage) << bad;
}

}  // namespace
}  // namespace sluice
