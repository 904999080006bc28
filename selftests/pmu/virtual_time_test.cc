// SPDX-License-Identifier: GPL-2.0-or-later
// With -icount modelled latency takes time: one nanosecond an instruction, and what a miss takes.
#include "memory_model.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr unsigned kSteps = 512;

// rdi: first element; follows rsi steps of a chain, as in { next, steps }.
SNIPPET(chase, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rdi
1:  mov (%rdi), %rdi
    dec %rcx
    jnz 1b
    ret
)");

// A chain through so many pages, one word each, in an order that no prefetch helps.
Walk chain(const Pages &p)
{
    for (unsigned i = 0; i < kSteps; i++)
        *p.memory<uint64_t>(i * kPageSize) = p.address + (i + 1) % kSteps * kPageSize;
    return {p.address, kSteps};
}

uint64_t time_of(Snippet snippet, const void *argument)
{
    const uint64_t before = rdtsc();
    snippet(const_cast<void *>(argument));
    return rdtsc() - before;
}

}  // namespace

TEST(virtual_time, model_chase_takes_the_latency_of_the_node, Where::in_turn, Time::virtual_)
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(kSteps, kKernelPage, node);
        const Walk walk = chain(p);
        model::evict();
        const uint64_t ns = time_of(chase, &walk) / kSteps;
        const uint64_t latency = options().node[node].latency_ns;
        EXPECT_BETWEEN(latency, latency + 5, ns);
    }
}

TEST(virtual_time, model_hits_take_no_time_of_their_own, Where::in_turn, Time::virtual_)
{
    time_of(loop, reinterpret_cast<void *>(10));
    const uint64_t ns = time_of(loop, reinterpret_cast<void *>(10000));
    EXPECT_BETWEEN(loop_instructions(10000), loop_instructions(10000) + 500, ns);
}

TEST(virtual_time, the_same_work_takes_the_same_time, Where::in_turn, Time::virtual_)
{
    const Pages p = new_pages(kSteps, kKernelPage, 1);
    const Walk walk = chain(p);
    model::evict();
    time_of(chase, &walk);
    uint64_t times[4];
    for (uint64_t &t : times) {
        model::evict();
        t = time_of(chase, &walk);
    }
    // But for what the caches still have of the stack: a hit or two of the second level.
    for (const uint64_t t : times)
        EXPECT_BETWEEN(times[0] - 40, times[0] + 40, t);
}

// Sampling itself takes none.
TEST(virtual_time, sampling_does_not_change_it, Where::in_turn, Time::virtual_)
{
    const Pages p = new_pages(kSteps, kKernelPage, 1);
    const Walk walk = chain(p);
    pebs::Store store;
    uint64_t times[2];
    for (int sampling = 0; sampling < 2; sampling++) {
        model::evict();
        if (sampling)
            store.sample(0, pmu::kAllLoads, pmu::kOs, 17);
        wrmsr(pmu::kGlobalCtrl, sampling);
        times[sampling] = time_of(chase, &walk);
        wrmsr(pmu::kGlobalCtrl, 0);
    }
    EXPECT(store.count() >= kSteps / 17);
    EXPECT_BETWEEN(times[0] - times[0] / 50, times[0] + times[0] / 50, times[1]);
}

// Records are written in the middle of blocks, and have the time in them.
TEST(virtual_time, records_have_the_time, Where::in_turn, Time::virtual_)
{
    const Pages p = new_pages(kSteps, kKernelPage, 1);
    const Walk walk = chain(p);
    pebs::Store store;
    model::evict();
    store.sample(0, pmu::kAllLoads, pmu::kOs, 10);
    const uint64_t before = rdtsc();
    pmu::run(1, chase, &walk);
    const uint64_t after = rdtsc();
    uint64_t last = before;
    for (unsigned i = 0; i < store.count(); i++) {
        const uint64_t tsc = store.record(i).basic().tsc;
        EXPECT_BETWEEN(last, after, tsc);
        if (i > 2 && i < kSteps / 10 - 2)
            EXPECT_BETWEEN(9 * options().node[1].latency_ns, 12 * options().node[1].latency_ns,
                           tsc - last);
        last = tsc;
    }
    EXPECT(store.count() >= kSteps / 10);
}

namespace {

uint64_t last_seen;

}  // namespace

TEST(virtual_time, all_cpus_have_one_time, Where::in_turn)
{
    for (int i = 0; i < 10; i++) {
        const uint64_t now = rdtsc();
        EXPECT(now > last_seen);
        last_seen = now;
    }
}
