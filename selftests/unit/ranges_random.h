// SPDX-License-Identifier: GPL-2.0-or-later
// Any sequence of mappings and samples, driven by any source of numbers: the random test and the
// fuzzer share it.
#pragma once

#include "kernel.h"

namespace unit {

// Next(bound) gives a number below bound.
template <typename Next>
void abuse_ranges(Next next, int steps)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.min_range = kPage << next(12);
    params.split_threshold = next(40);
    params.significance = 1 + next(3);
    params.merge_epochs = next(5);
    params.max_ranges = 1 + next(next(4) == 0 ? 600 : 40);
    Ranges ranges(params);

    // Few distinct places, so that mappings meet, overlap and leave holes.
    const u64 grain = kPage << next(24);
    auto place = [&] { return kPage + next(200) * grain; };

    for (int step = 0; step < steps; step++) {
        if (next(3) == 0) {
            std::vector<sluice_span> spans;
            u64 at = place();
            u64 total = 0;
            for (u64 nr = next(30); nr > 0; nr--) {
                u64 len = (1 + next(20)) * (next(2) ? grain : kPage);
                spans.push_back({at, at + len});
                total += len;
                at += len + next(3) * grain;  // may touch
            }
            size_t nr = spans.size();
            ranges.sync(std::move(spans));

            u64 covered = 0;
            for (const sluice_range &range : ranges.all())
                covered += range.end - range.start;
            ASSERT_LE(covered, total);
            // Room for all: everything is covered.
            const unsigned max = ranges.params().max_ranges;
            if (nr <= max / 2 && ranges.size() < max) {
                ASSERT_EQ(covered, total);
            }
        }
        if (next(10) == 0)
            ranges.params().max_ranges = 1 + next(100) + ranges.size();

        Entries samples(next(4) == 0 ? next(3000) : next(50));
        u64 hot = place(), width = 1 + next(20 * grain);
        for (u64 &sample : samples)
            sample = next(8) ? hot + next(width) : next(2) ? place() : next(~0ULL);

        unsigned inside = 0;
        for (u64 sample : samples)
            inside += ranges.covers(sample);
        ASSERT_EQ(ranges.epoch(std::move(samples)).classified, inside);

        for (sluice_range &range : ranges.all()) {
            // What the owner writes, whatever it is.
            range.resident_pages = next(1 + (range.end - range.start) / kPage);
            range.fast_pages[0] = next(1 + range.resident_pages);
            range.tier = next(2);
        }
    }
}

}  // namespace unit
