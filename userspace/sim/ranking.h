// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's ranking for two tiers.
#pragma once

#include "sim/kernel_code.h"

#include <span>

namespace sluice::sim {

struct RankingInput {
    uint64_t capacity_pages = 0;  // of the fast tier
    unsigned margin_pct = 25;
    unsigned sample_period = 4093;
    unsigned saved_ns = 108;  // by a load from the fast tier
};

struct RankingResult {
    uint64_t promote = 0;  // pages
    uint64_t demote = 0;
};

// Sorts the candidates, densest first, and sets the goal and the tier of their ranges.
RankingResult rank(const RankingInput &input, std::span<sluice_candidate> candidates);

}  // namespace sluice::sim
