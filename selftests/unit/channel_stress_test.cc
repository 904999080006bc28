// SPDX-License-Identifier: GPL-2.0-or-later
// Many producers against one consumer. Also built with ThreadSanitizer.
#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

#include "kernel.h"

namespace unit {
namespace {

using namespace std::chrono_literals;

struct Load {
    unsigned producers;
    unsigned entries;  // of the channel
    unsigned batch;    // largest
};

class ChannelStress : public testing::TestWithParam<Load> {};

// The channel is filled so many times over. On a busy machine each time costs a context switch.
constexpr u64 kFills = 500, kMostEntries = 300'000;

// An entry says who sent it, and the how-manieth accepted one of that producer it is.
constexpr u64 entry(unsigned producer, u64 seq)
{
    return static_cast<u64>(producer + 1) << 48 | seq;
}

// Anything may happen between two steps of a producer: let it.
void give_way()
{
    thread_local Random random(std::hash<std::thread::id>()(std::this_thread::get_id()));
    if (random.below(16) == 0)
        std::this_thread::yield();
}

// Sends `quota` entries, or fewer if told to stop; how many were accepted.
u64 produce(Channel &ch, unsigned id, u64 quota, unsigned most, const std::atomic<bool> &stop)
{
    Random random(id);
    Entries batch;
    u64 sent = 0;
    while (sent < quota && !stop) {
        batch.resize(1 + random.below(most));
        for (size_t k = 0; k < batch.size(); k++)
            batch[k] = entry(id, sent + k);
        // What was refused is the end of the batch, so numbers stay without gaps.
        unsigned nr = ch.push(batch);
        if (nr < batch.size())
            std::this_thread::yield();
        sent += nr;
    }
    return sent;
}

TEST_P(ChannelStress, DeliversEachEntryOnceAndCountsTheRest)
{
    const Load load = GetParam();
    const u64 total = std::min(kFills * load.entries, kMostEntries);
    Channel ch(load.entries);
    std::vector<u64> accepted(load.producers), received(load.producers);
    std::atomic<unsigned> running = load.producers;
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;

    shim_before_atomic = give_way;
    for (unsigned id = 0; id < load.producers; id++) {
        threads.emplace_back([&, id] {
            accepted[id] = produce(ch, id, total / load.producers, load.batch, stop);
            running--;
        });
    }

    auto last_news = std::chrono::steady_clock::now();
    bool last_round = false;
    while (!stop) {
        const Entries got = ch.pop(97);
        for (u64 e : got) {
            u64 id = (e >> 48) - 1;
            if (id >= load.producers || e != entry(id, received[id]++)) {
                ADD_FAILURE() << "unexpected entry 0x" << std::hex << e;
                stop = true;
                break;
            }
        }
        if (!got.empty()) {
            last_news = std::chrono::steady_clock::now();
            continue;
        }
        if (last_round)
            break;
        last_round = running == 0;
        if (std::chrono::steady_clock::now() - last_news > 20s) {
            ADD_FAILURE() << "the channel is wedged";
            stop = true;
        }
        std::this_thread::yield();
    }
    for (std::thread &thread : threads)
        thread.join();
    shim_before_atomic = nullptr;

    EXPECT_EQ(received, accepted);
    EXPECT_TRUE(ch.empty());
    EXPECT_EQ(atomic_read(&ch.raw()->used), 0) << "slots leaked";
    // All of it is usable again.
    EXPECT_EQ(ch.push(Entries(load.entries + 1, 1)), ch.size());
}

INSTANTIATE_TEST_SUITE_P(, ChannelStress,
                         testing::Values(Load{1, 64, 1}, Load{2, 64, 1}, Load{2, 64, 100},
                                         Load{4, 4096, 64}, Load{8, 64, 7}, Load{16, 256, 64}),
                         [](const auto &info) {
                             return std::to_string(info.param.producers) + "ProducersOf" +
                                    std::to_string(info.param.batch) + "Into" +
                                    std::to_string(info.param.entries);
                         });

}  // namespace
}  // namespace unit
