// SPDX-License-Identifier: GPL-2.0-or-later
// What the pure code costs, beside well-known queues in the same run. Compare within one run only.
#include <benchmark/benchmark.h>
#include <concurrentqueue/concurrentqueue.h>

#include <boost/lockfree/queue.hpp>

#include "kernel.h"

namespace unit {
namespace {

constexpr unsigned kEntries = 4096;

// Batches of range(0) entries pushed and popped by one thread; the time is for one entry.
template <typename Queue>
void push_pop(benchmark::State &state)
{
    Queue queue;
    Entries batch(state.range(0), 42), out(state.range(0));
    for (auto _ : state) {
        queue.push(batch);
        queue.pop(out);
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

struct Sluice {
    Channel channel{kEntries};
    void push(const Entries &in) { channel.push(in); }
    void pop(Entries &out) { sluice_channel_pop(channel.raw(), out.data(), out.size()); }
};

struct BoostLockfree {
    boost::lockfree::queue<u64, boost::lockfree::fixed_sized<true>> queue{kEntries};
    void push(const Entries &in)
    {
        for (u64 entry : in)
            queue.push(entry);
    }
    void pop(Entries &out)
    {
        for (u64 &entry : out)
            queue.pop(entry);
    }
};

struct Moodycamel {
    moodycamel::ConcurrentQueue<u64> queue{kEntries};
    void push(const Entries &in) { queue.try_enqueue_bulk(in.begin(), in.size()); }
    void pop(Entries &out) { queue.try_dequeue_bulk(out.begin(), out.size()); }
};

BENCHMARK(push_pop<Sluice>)->Arg(1)->Arg(64);
BENCHMARK(push_pop<BoostLockfree>)->Arg(1)->Arg(64);
BENCHMARK(push_pop<Moodycamel>)->Arg(1)->Arg(64);

// One epoch of range(0) samples into range(1) ranges; the time is for one sample.
void classify(benchmark::State &state)
{
    Ranges ranges;
    std::vector<sluice_span> spans;
    for (int64_t i = 0; i < state.range(1); i++)
        spans.push_back({1_TiB + i * 2_GiB, 1_TiB + i * 2_GiB + 1_GiB});
    ranges.sync(spans);

    Random random(1);
    Entries samples(state.range(0)), work;
    for (u64 &sample : samples)
        sample = 1_TiB + random.below(state.range(1)) * 2_GiB + random.below(1_GiB);
    for (auto _ : state) {
        sluice_ranges_stats stats;
        work = samples;
        sluice_ranges_epoch(ranges.raw(), work.data(), work.size(), &stats);
        benchmark::DoNotOptimize(stats);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(classify)->Args({300, 16})->Args({4096, 16})->Args({4096, 256});

// Ranking range(0) ranges; the time is for one range.
void rank(benchmark::State &state)
{
    Random random(1);
    std::vector<sluice_range> ranges(state.range(0));
    std::vector<sluice_candidate> candidates;
    for (sluice_range &range : ranges) {
        range.count = random.below(1000) << SLUICE_COUNT_SHIFT;
        range.resident_pages = 1 + random.below(10'000);
        range.fast_pages[0] = random.below(range.resident_pages);
        candidates.push_back(candidate(range));
    }
    for (auto _ : state) {
        sluice_placement pl = two_tiers(1'000'000);
        sluice_placement_rank(&pl, candidates.data(), candidates.size());
        benchmark::DoNotOptimize(pl);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(rank)->Arg(64)->Arg(2048);

}  // namespace
}  // namespace unit
