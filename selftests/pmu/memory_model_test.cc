// SPDX-License-Identifier: GPL-2.0-or-later
// Caches and latencies: what counts as a hit or a miss, where, and how long it takes.
#include "memory_model.h"
#include "rt/test.h"

using namespace rt;
using model::kPages;

namespace {

constexpr uint64_t kAdaptiveOs = pmu::kOs | pmu::kAdaptive;

// Beyond the 64 loads: the stack, RET.
constexpr uint64_t kSlack = 8;

SNIPPET(load_one_word, R"(
    mov $64, %ecx
1:  mov (%rdi), %rax
    dec %rcx
    jnz 1b
    ret
)");

SNIPPET(store_each_page, R"(
    mov $64, %ecx
1:  mov %rax, (%rdi)
    add $4096, %rdi
    dec %rcx
    jnz 1b
    ret
)");

uint64_t count(uint64_t event, Snippet snippet, const Pages &p)
{
    pmu::select(0, event);
    pmu::run(1, snippet, p.window());
    return pmu::counter(0);
}

uint64_t count_cold(uint64_t event, const Pages &p)
{
    model::evict();
    return count(event, model::load_each_page, p);
}

// So that all loads of the second time miss the first level, and hit the second.
uint64_t count_warm(uint64_t event, const Pages &p)
{
    model::evict();
    count(pmu::kAllLoads, model::load_each_page, p);
    return count(event, model::load_each_page, p);
}

// Every load of these pages has this latency and source, and they are all there.
void expect_records(pebs::Store &store, const Pages &p, uint64_t latency, uint64_t source)
{
    unsigned seen = 0;
    for (unsigned i = 0; i < store.count(); i++) {
        const auto &memory = store.record(i).memory();
        if (memory.address < p.address || memory.address >= p.address + kPages * kPageSize)
            continue;
        EXPECT_EQ(p.address + seen * kPageSize, memory.address);
        EXPECT_EQ(latency, memory.latency);
        EXPECT_EQ(source, memory.source);
        seen++;
    }
    EXPECT_EQ(kPages, seen);
}

void sample_loads(pebs::Store &store, uint64_t threshold)
{
    store.clear();
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    wrmsr(pmu::kPebsLdLat, threshold);
    store.sample(0, pmu::kLoadLatency, kAdaptiveOs, 1);
}

uint64_t count_slow(uint64_t threshold, Snippet snippet, const Pages &p)
{
    wrmsr(pmu::kPebsLdLat, threshold);
    return count(pmu::kLoadLatency, snippet, p);
}

}  // namespace

TEST(memory_model, sequential_scan_misses_at_most_once_a_line, Where::in_turn)
{
    constexpr uint64_t kLines = kPages * kPageSize / 64;
    const Pages p = new_pages(kPages, kKernelPage);
    const Walk walk = {p.address, kPages * kPageSize / 8};
    model::evict();
    pmu::select(0, pmu::kLlcReferences);
    pmu::select(1, pmu::kLlcMisses);
    pmu::run(3, load_words, &walk);
    EXPECT_BETWEEN(1, kLines + kSlack, pmu::counter(0));
    EXPECT_BETWEEN(1, kLines + kSlack, pmu::counter(1));
    EXPECT(pmu::counter(1) <= pmu::counter(0));
}

// It fetches the next line, so every second line of a page is there already.
TEST(memory_model, model_prefetches_the_next_line, Where::in_turn)
{
    constexpr uint64_t kLines = kPages * kPageSize / 64;
    const Pages p = new_pages(kPages, kKernelPage);
    const Walk walk = {p.address, kPages * kPageSize / 8};
    model::evict();
    pmu::select(0, pmu::kLlcReferences);
    pmu::select(1, pmu::kLlcMisses);
    pmu::run(3, load_words, &walk);
    EXPECT_BETWEEN(kLines, kLines + kSlack, pmu::counter(0));
    EXPECT_BETWEEN(kLines / 2, kLines / 2 + kSlack, pmu::counter(1));
}

TEST(memory_model, what_fits_is_there_the_second_time, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage);
    EXPECT_BETWEEN(0, kSlack, count_warm(pmu::kLlcMisses, p));
}

TEST(memory_model, loads_of_cold_pages_miss, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage);
    EXPECT_BETWEEN(kPages, kPages + kSlack, count_cold(pmu::kLlcReferences, p));
    EXPECT_BETWEEN(kPages, kPages + kSlack, count_cold(pmu::kLlcMisses, p));
    EXPECT_BETWEEN(kPages, kPages + kSlack, count_cold(pmu::kL1Miss, p));
    EXPECT_BETWEEN(kPages, kPages + kSlack, count_cold(pmu::kL3Miss, p));
    EXPECT_BETWEEN(0, kSlack, count_cold(pmu::kL3Hit, p));
}

TEST(memory_model, loads_of_warm_pages_hit, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage);
    EXPECT_BETWEEN(0, kSlack, count_warm(pmu::kL3Miss, p));
    const uint64_t hits = count_warm(pmu::kL1Hit, p);
    const uint64_t misses = count_warm(pmu::kL1Miss, p);
    EXPECT_EQ(kPages + 1, hits + misses);
}

TEST(memory_model, repeated_load_hits_the_first_level, Where::in_turn)
{
    const Pages p = new_pages(1, kKernelPage);
    EXPECT_BETWEEN(63, 65, count(pmu::kL1Hit, load_one_word, p));
}

TEST(memory_model, levels_add_up, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage);
    for (int warm = 0; warm < 2; warm++) {
        model::evict();
        if (warm)
            count(pmu::kAllLoads, model::load_each_page, p);
        const uint64_t events[] = {pmu::kAllLoads, pmu::kL1Hit,     pmu::kL1Miss,    pmu::kL3Hit,
                                   pmu::kL3Miss,   pmu::kLocalDram, pmu::kRemoteDram};
        for (unsigned n = 0; n < 7; n++)
            pmu::select(n, events[n]);
        pmu::run(bit(7) - 1, model::load_each_page, p.window());
        EXPECT_EQ(pmu::counter(0), pmu::counter(1) + pmu::counter(2));
        EXPECT_EQ(pmu::counter(2), pmu::counter(3) + pmu::counter(4));
        EXPECT_EQ(pmu::counter(4), pmu::counter(5) + pmu::counter(6));
    }
}

TEST(memory_model, misses_are_by_node, Where::in_turn)
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(kPages, kKernelPage, node);
        const uint64_t local = count_cold(pmu::kLocalDram, p);
        const uint64_t remote = count_cold(pmu::kRemoteDram, p);
        EXPECT_BETWEEN(node == 0 ? kPages : 0, (node == 0 ? kPages : 0) + kSlack, local);
        EXPECT_BETWEEN(node == 1 ? kPages : 0, (node == 1 ? kPages : 0) + kSlack, remote);
    }
}

TEST(memory_model, stores_miss_too, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage);
    model::evict();
    EXPECT_BETWEEN(kPages, kPages + kSlack, count(pmu::kLlcMisses, store_each_page, p));
    model::evict();
    EXPECT_BETWEEN(0, kSlack, count(pmu::kL3Miss, store_each_page, p));  // of loads only
}

TEST(memory_model, model_weights_are_the_latencies_of_the_nodes, Where::in_turn)
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(kPages, kKernelPage, node);
        pebs::Store store;
        model::evict();
        sample_loads(store, 1);
        pmu::run(1, model::load_each_page, p.window());
        expect_records(store, p, model::node_cycles(node), model::memory_source(node));
        wrmsr(pmu::kPebsEnable, 0);
    }
}

TEST(memory_model, model_weights_of_the_second_level, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage, 1);
    pebs::Store store;
    model::evict();
    count(pmu::kAllLoads, model::load_each_page, p);
    sample_loads(store, 1);
    pmu::run(1, model::load_each_page, p.window());
    expect_records(store, p, model::kL3Cycles, model::kL3);
}

TEST(memory_model, model_weights_of_the_first_level, Where::in_turn)
{
    const Pages p = new_pages(1, kKernelPage);
    pebs::Store store;
    sample_loads(store, 1);
    pmu::run(1, load_one_word, p.window());
    EXPECT_EQ(65u, store.count());
    for (unsigned i = 1; i < 64; i++) {
        EXPECT_EQ(p.address, store.record(i).memory().address);
        EXPECT_EQ(model::kL1Cycles, store.record(i).memory().latency);
        EXPECT_EQ(model::kL1, store.record(i).memory().source);
    }
}

TEST(memory_model, model_threshold_of_memory_is_exact, Where::in_turn)
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(kPages, kKernelPage, node);
        const uint64_t cycles = model::node_cycles(node);
        model::evict();
        EXPECT_BETWEEN(kPages, kPages + kSlack, count_slow(cycles, model::load_each_page, p));
        model::evict();
        const uint64_t above = count_slow(cycles + 1, model::load_each_page, p);
        EXPECT_BETWEEN(0, kSlack, above);
    }
}

TEST(memory_model, model_threshold_of_caches_is_exact, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage);
    count_warm(pmu::kAllLoads, p);
    EXPECT_BETWEEN(kPages, kPages + 1, count_slow(model::kL3Cycles, model::load_each_page, p));
    EXPECT_BETWEEN(0, 1, count_slow(model::kL3Cycles + 1, model::load_each_page, p));
    count(pmu::kAllLoads, load_one_word, p);
    EXPECT_EQ(65u, count_slow(model::kL1Cycles, load_one_word, p));
    EXPECT_BETWEEN(0, 1, count_slow(model::kL1Cycles + 1, load_one_word, p));
}

TEST(memory_model, no_threshold_is_too_high, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage, 1);
    model::evict();
    EXPECT_EQ(0, count_slow(0xffff, model::load_each_page, p));
}

TEST(memory_model, model_stalls_are_the_latencies, Where::in_turn)
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(kPages, kKernelPage, node);
        model::evict();
        pmu::select(0, pmu::kCycles);
        pmu::select(1, pmu::kInstructions);
        pmu::run(3, model::load_each_page, p.window());
        const uint64_t stalls = pmu::counter(0) - pmu::counter(1);
        EXPECT_BETWEEN(kPages * model::node_cycles(node),
                       kPages * model::node_cycles(node) + kSlack * model::node_cycles(1), stalls);
    }
}

// The record is of the load, whatever made it slow; it says where the load is.
TEST(memory_model, slow_load_is_named, Where::in_turn)
{
    const Pages p = new_pages(kPages, kKernelPage, 1);
    pebs::Store store;
    model::evict();
    sample_loads(store, 100);
    pmu::run(1, model::load_each_page, p.window());
    unsigned seen = 0;
    for (unsigned i = 0; i < store.count(); i++)
        seen +=
            store.record(i).basic().ip == reinterpret_cast<uint64_t>(model::load_each_page_load);
    EXPECT_EQ(kPages, seen);
}

namespace {

// A load of one line, and one that needs the next line as well, which has been fetched with it.
SNIPPET(load_then_cross, R"(
    mov (%rdi), %rax
    mov 0x3c(%rdi), %rax
    ret
)");

}  // namespace

TEST(memory_model, model_load_of_two_lines_is_as_slow_as_the_slower, Where::in_turn)
{
    const Pages p = new_pages(1, kKernelPage);
    pebs::Store store;
    model::evict();
    sample_loads(store, 1);
    pmu::run(1, load_then_cross, p.window());
    EXPECT_EQ(3u, store.count());  // with RET
    EXPECT_EQ(model::node_cycles(0), store.record(0).memory().latency);
    EXPECT_EQ(p.address + 0x3c, store.record(1).memory().address);
    EXPECT_EQ(model::kL3Cycles, store.record(1).memory().latency);
}
