// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel saw, once more through the kernel's code: does it decide the same?
#pragma once

#include "sluice/result.h"
#include "trace/recording.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

struct ReplayResult {
    uint64_t pid = 0;
    uint64_t epochs = 0;
    uint64_t samples = 0;
    uint64_t ranges = 0;                       // compared, over all epochs
    uint64_t splits_recorded = 0, splits = 0;  // bounds that are new after their epoch
    uint64_t merges_recorded = 0, merges = 0;  // bounds that are gone
    uint64_t epochs_with_other_splits = 0;
    uint64_t epochs_with_other_ranges = 0;   // bounds, counts or ages
    uint64_t epochs_with_other_ranking = 0;  // order by density
    uint64_t placements = 0;                 // decisions of the kernel, compared by density
    uint64_t other_placements = 0;
    std::vector<std::string> differences;  // the first few, in words
    double classify_ns = 0;                // processor time per sample on this host

    bool same() const
    {
        return epochs_with_other_ranges == 0 && epochs_with_other_ranking == 0 &&
               other_placements == 0 && epochs_with_other_splits == 0;
    }
};

// Fails if the recording does not start with the first epoch of the process, or has gaps.
Result<ReplayResult> replay(const trace::Recording &recording, const trace::ProcessRecord &process);

}  // namespace sluice
