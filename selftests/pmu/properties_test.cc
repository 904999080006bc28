// SPDX-License-Identifier: GPL-2.0-or-later
// Other properties of the CPU than the default ones make another model. The job says which:
//   pmu-mhz=3000,pmu-mlp=3,pmu-l1-cycles=7,pmu-l3-cycles=51,pmu-l1-size=4K,pmu-cache-size=64K
#include "memory_model.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kMlp = 3;
constexpr uint64_t kFirstCycles = 7;
constexpr uint64_t kSecondCycles = 51;
constexpr unsigned kFits = 8;         // pages: in the second level, not in the first
constexpr unsigned kDoesNotFit = 32;  // not in the second either
constexpr uint64_t kAround = 6;

uint64_t cycles_of(unsigned node)
{
    return options().node[node].latency_ns * 3;
}

Walk lines_of(const Pages &p, unsigned pages)
{
    return {p.address, pages * model::kPageLines};
}

uint64_t count(uint64_t event, const Walk &walk)
{
    pmu::select(0, event);
    pmu::run(1, model::load_each_line, &walk);
    return pmu::counter(0);
}

uint64_t count_again(uint64_t event, const Walk &walk)
{
    count(pmu::kL1Miss, walk);
    return count(event, walk);
}

constexpr uint64_t kPeriod = 9;

// How many of the records of these loads have this latency. In virtual time all accesses go through
// the model, so those that prepare for it do.
uint64_t records_with(uint64_t latency, Walk walk, bool warm = false)
{
    pebs::Store store;
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    wrmsr(pmu::kPebsLdLat, 1);
    store.sample(0, pmu::kLoadLatency, pmu::kOs | pmu::kAdaptive, kPeriod);
    if (warm)
        model::load_each_line(&walk);
    pmu::run(1, model::load_each_line, &walk);
    uint64_t found = 0;
    for (unsigned i = 0; i < store.count(); i++)
        found += store.record(i).memory().latency == latency;
    wrmsr(pmu::kPebsEnable, 0);
    return found;
}

constexpr unsigned kSteps = 64;

SNIPPET(chase_pages, R"(
    mov $64, %ecx
1:  mov (%rdi), %rdi
    dec %ecx
    jnz 1b
    ret
)");

void link_pages(const Pages &p)
{
    for (unsigned i = 0; i < kSteps; i++)
        *p.memory<uint64_t>(i * kPageSize) = p.address + (i + 1) % kSteps * kPageSize;
}

}  // namespace

TEST(properties, model_sizes_of_both_levels, Where::once, Time::any, "properties")
{
    const Pages small = new_pages(1, kKernelPage);
    EXPECT_BETWEEN(0, kAround, count_again(pmu::kL1Miss, lines_of(small, 1)));
    const Pages fits = new_pages(kFits, kKernelPage);
    const Walk walk = lines_of(fits, kFits);
    EXPECT_BETWEEN(walk.count, walk.count + kAround, count_again(pmu::kL1Miss, walk));
    EXPECT_BETWEEN(0, kAround, count_again(pmu::kL3Miss, walk));
    const Pages much = new_pages(kDoesNotFit, kKernelPage);
    const Walk all = lines_of(much, kDoesNotFit);
    // The other half has been fetched with the line before.
    EXPECT_BETWEEN(all.count / 2, all.count / 2 + kAround, count_again(pmu::kL3Miss, all));
}

TEST(properties, model_weights, Where::once, Time::virtual_, "properties")
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages much = new_pages(kDoesNotFit, kKernelPage, node);
        const Walk all = lines_of(much, kDoesNotFit);
        model::evict();
        const uint64_t samples = all.count / kPeriod;
        EXPECT_BETWEEN(samples / 2 - kAround, samples / 2 + kAround,
                       records_with(cycles_of(node), all));
        EXPECT_BETWEEN(samples / 2 - kAround, samples / 2 + kAround,
                       records_with(kSecondCycles, all));
    }
    const Pages small = new_pages(1, kKernelPage);
    const Walk walk = lines_of(small, 1);
    EXPECT_BETWEEN(walk.count / kPeriod - 1, walk.count / kPeriod + 1,
                   records_with(kFirstCycles, walk, true));
}

// So many misses are under way at a time: each stalls for a part of its latency.
TEST(properties, model_misses_overlap, Where::once, Time::any, "properties")
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(model::kPages, kKernelPage, node);
        model::evict();
        pmu::select(0, pmu::kCycles);
        pmu::select(1, pmu::kInstructions);
        pmu::run(3, model::load_each_page, p.window());
        const uint64_t stalls = model::kPages * cycles_of(node) / kMlp;
        EXPECT_BETWEEN(stalls, stalls + kAround * cycles_of(1), pmu::counter(0) - pmu::counter(1));
    }
}

TEST(properties, model_time_of_overlapping_misses, Where::once, Time::virtual_, "properties")
{
    for (unsigned node = 0; node < 2; node++) {
        const Pages p = new_pages(kSteps, kKernelPage, node);
        link_pages(p);
        model::evict();
        const uint64_t before = rdtsc();
        chase_pages(p.window());
        const uint64_t ns = rdtsc() - before;
        const uint64_t latency = kSteps * options().node[node].latency_ns;
        // Three instructions a step, and none of it lost to rounding: 177 / 3 is 59.
        EXPECT_BETWEEN(latency / kMlp + 3 * kSteps, latency / kMlp + 4 * kSteps + 200, ns);
    }
}
