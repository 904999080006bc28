// SPDX-License-Identifier: GPL-2.0-or-later
// Figures that a recording gives: what is hot, where it is, what moving it cost.
#pragma once

#include "trace/recording.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::trace {

// One process in one epoch, in figures.
struct EpochFigures {
    uint64_t time_ns = 0;
    uint64_t epoch = 0;
    uint64_t samples = 0;
    uint64_t out_of_range = 0;
    uint64_t dropped = 0;
    uint64_t ranges = 0;
    uint64_t resident_bytes = 0;
    uint64_t fast_bytes = 0;
    // Samples times the fast part of their range: an estimate, for a range counts as even inside.
    std::optional<double> hit_ratio;
    uint64_t working_set_bytes = 0;  // the fewest resident bytes that take 90 % of the samples
    uint64_t promoted_bytes = 0;
    uint64_t demoted_bytes = 0;
    uint64_t refused_pages = 0;
};

struct ProcessFigures {
    Process about;
    std::vector<EpochFigures> epochs;
    size_t end = 0;  // of epochs: the last one before most of the memory was given back
    uint64_t samples = 0, out_of_range = 0, dropped = 0;
    uint64_t splits = 0, merges = 0;
    uint64_t promoted_bytes = 0, demoted_bytes = 0;
    uint64_t ping_pong_bytes = 0;                   // moved up and down again, or down and up
    std::map<std::string, uint64_t> refused_pages;  // by reason
    uint64_t span_bytes = 0;                        // addresses looked after, at the end
    std::vector<Range> ranges;                      // at the end, densest first
    std::optional<double> mean_hit_ratio;           // over all samples
};

inline const EpochFigures &end_of(const ProcessFigures &figures)
{
    return figures.epochs[figures.end];
}

ProcessFigures figures_of(const ProcessRecord &process, const Info &info);

// Samples per resident MiB, of decayed counts: 0 if nothing is resident.
double density_of(const Range &range, uint64_t page_bytes);

}  // namespace sluice::trace
