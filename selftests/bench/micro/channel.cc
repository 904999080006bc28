// SPDX-License-Identifier: GPL-2.0-or-later
// The channel: what an entry costs the producer and the consumer, alone and with company.
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "queues.h"
#include "register.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::duration d)
{
    return std::chrono::duration<double>(d).count();
}

enum class Side { push, pop };

// One thread fills the queue in batches, and empties it in batches; only one side is timed. This is
// the channel's usual day: a CPU drains into it, the epoch takes all of it half a second later.
template <class Queue>
void uncontended(benchmark::State &state, Side side, unsigned batch)
{
    auto queue = std::make_unique<Queue>();
    typename Queue::Producer producer(*queue);
    const Entries in(batch, 42);
    Entries out(batch);
    const unsigned batches = kQueueEntries / batch;
    unsigned moved = 0;
    for (auto _ : state) {
        const auto start = Clock::now();
        for (unsigned i = 0; i < batches; i++)
            moved += producer.push(in);
        const auto full = Clock::now();
        for (unsigned i = 0; i < batches; i++)
            moved -= queue->pop(out);
        const auto empty = Clock::now();
        benchmark::DoNotOptimize(out.data());
        state.SetIterationTime(seconds(side == Side::push ? full - start : empty - full));
    }
    if (moved != 0)
        state.SkipWithError("pushed and popped differ");
    state.SetItemsProcessed(state.iterations() * batches * batch);
}

// Several producers and one consumer, all at once; the time is for one entry that has arrived.
template <class Queue>
double contended_seconds(unsigned producers, unsigned batch, unsigned per_producer)
{
    auto queue = std::make_unique<Queue>();
    std::atomic<unsigned> ready = 0;
    const auto produce = [&] {
        typename Queue::Producer producer(*queue);
        const Entries in(batch, 42);
        ready++;
        while (ready.load() <= producers)
            std::this_thread::yield();
        for (unsigned left = per_producer; left;) {
            const unsigned nr = producer.push(std::span(in).first(std::min(left, batch)));
            left -= nr;
            if (!nr)
                std::this_thread::yield();
        }
    };
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < producers; i++)
        threads.emplace_back(produce);
    while (ready.load() < producers)
        std::this_thread::yield();
    Entries out(256);
    const auto start = Clock::now();
    ready++;
    for (u64 left = u64{producers} * per_producer; left;) {
        const unsigned nr = queue->pop(out);
        left -= nr;
        if (!nr)
            std::this_thread::yield();
    }
    return seconds(Clock::now() - start);
}

template <class Queue>
void contended(benchmark::State &state, unsigned producers, unsigned batch)
{
    constexpr unsigned per_producer = 1 << 16;
    for (auto _ : state)
        state.SetIterationTime(contended_seconds<Queue>(producers, batch, per_producer));
    state.SetItemsProcessed(state.iterations() * producers * per_producer);
}

template <class Queue>
void add_contender(const char *name)
{
    for (unsigned batch : {1U, 64U}) {
        for (const auto &[side, word] : {std::pair{Side::push, "push"}, {Side::pop, "pop"}})
            benchmark::RegisterBenchmark(
                fmt::format("channel {}, batches of {}/{}", word, batch, name).c_str(),
                uncontended<Queue>, side, batch)
                ->UseManualTime();
        for (unsigned producers : {1U, 3U})
            benchmark::RegisterBenchmark(
                fmt::format("channel, {} producers and a consumer, batches of {}/{}", producers,
                            batch, name)
                    .c_str(),
                contended<Queue>, producers, batch)
                ->UseManualTime();
    }
}

}  // namespace

void register_channel()
{
    add_contender<SluiceQueue>("sluice");
    add_contender<MoodycamelQueue>("moodycamel");
    add_contender<BoostQueue>("boost::lockfree::queue");
    add_contender<DequeQueue>("deque and mutex");
}

}  // namespace bench
