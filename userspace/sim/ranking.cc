// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ranking.h"

namespace sluice::sim {

namespace {

// A page is copied at about 1 GiB/s.
constexpr unsigned move_ns = 4000;

template <class Placement>
RankingResult rank_with(Placement placement, const RankingInput &input,
                        std::span<sluice_candidate> candidates)
{
    const auto nr = static_cast<unsigned>(candidates.size());
    placement.margin_pct = input.margin_pct;
    if constexpr (requires { placement.nr_bounds; }) {
        placement.nr_bounds = 1;
        placement.tier[0].capacity = input.capacity_pages;
        placement.tier[0].saved_ns = input.saved_ns;
        placement.sample_period = input.sample_period;
        placement.move_ns = move_ns;
        sluice_placement_rank(&placement, candidates.data(), nr);
        return {placement.promote[0], placement.demote[0]};
    } else {
        placement.capacity = input.capacity_pages;
        sluice_placement_rank(&placement, candidates.data(), nr);
        return {placement.promote, placement.demote};
    }
}

}  // namespace

RankingResult rank(const RankingInput &input, std::span<sluice_candidate> candidates)
{
    return rank_with(sluice_placement{}, input, candidates);
}

}  // namespace sluice::sim
