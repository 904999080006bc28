// SPDX-License-Identifier: GPL-2.0-or-later
// Ranking the ranges of all managed processes, once an epoch; the time is for one range.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "kernel.h"
#include "register.h"

namespace bench {
namespace {

void rank(benchmark::State &state, unsigned nr)
{
    unit::Random random(1);
    std::vector<sluice_range> ranges(nr);
    std::vector<sluice_candidate> candidates;
    for (sluice_range &range : ranges) {
        range.count = random.below(1000) << SLUICE_COUNT_SHIFT;
        range.resident_pages = 1 + random.below(10'000);
        range.fast_pages[0] = random.below(range.resident_pages);
        candidates.push_back(unit::candidate(range));
    }
    for (auto _ : state) {
        sluice_placement pl = unit::two_tiers(1'000'000);
        sluice_placement_rank(&pl, candidates.data(), candidates.size());
        benchmark::DoNotOptimize(pl);
    }
    state.SetItemsProcessed(state.iterations() * nr);
}

}  // namespace

void register_placement()
{
    for (unsigned nr : {64U, 2048U})
        benchmark::RegisterBenchmark(fmt::format("placement, {} ranges/sluice", nr).c_str(), rank,
                                     nr);
}

}  // namespace bench
