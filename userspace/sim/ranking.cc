// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/ranking.h"

namespace sluice::sim {

namespace {

// A page is copied at about 1 GiB/s.
constexpr unsigned move_ns = 4000;

}  // namespace

RankingResult rank(const RankingInput &input, std::span<sluice_candidate> candidates)
{
    sluice_placement placement = {};
    placement.nr_bounds = 1;
    placement.tier[0].capacity = input.capacity_pages;
    placement.tier[0].saved_ns = input.saved_ns;
    placement.margin_pct = input.margin_pct;
    placement.sample_period = input.sample_period;
    placement.move_ns = move_ns;
    sluice_placement_rank(&placement, candidates.data(), static_cast<unsigned>(candidates.size()));
    return {placement.promote[0], placement.demote[0]};
}

}  // namespace sluice::sim
