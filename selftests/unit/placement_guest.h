// SPDX-License-Identifier: GPL-2.0-or-later
// Ranges made up for the purpose of being ranked.
#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "kernel.h"

namespace unit {

inline constexpr u64 kOne = 1ULL << SLUICE_COUNT_SHIFT;

// Ranges with the samples and pages that a test gives them.
class Guest {
public:
    sluice_range &add(u64 samples, u64 resident, u64 fast, u32 age = 10)
    {
        sluice_range &range = ranges_.emplace_back();
        range = {};
        range.start = next_;
        range.end = next_ += std::max<u64>(resident, 1) * kPage;
        set_count(range, samples);
        range.resident_pages = resident;
        range.fast_pages[0] = fast;
        range.age = age;
        return range;
    }

    // As hot as that for a long time.
    static void set_count(sluice_range &range, u64 samples)
    {
        range.count = samples * kOne;
        range.recent =
            std::min<u64>((samples + SLUICE_EPOCHS_PER_COUNT - 1) / SLUICE_EPOCHS_PER_COUNT, ~0U);
        range.before = range.recent;
        range.steady = 100;
    }

    // Ranks and checks what must always hold.
    sluice_placement rank(u64 capacity, unsigned margin_pct = SLUICE_MARGIN_DEFAULT_PCT)
    {
        return rank(two_tiers(capacity, margin_pct));
    }
    sluice_placement rank(sluice_placement pl)
    {
        pl.promote[0] = pl.demote[0] = ~0ULL;
        const u64 capacity = pl.tier[0].capacity;
        std::vector<sluice_candidate> candidates;
        for (sluice_range &range : ranges_)
            candidates.push_back(candidate(range));
        sluice_placement_rank(&pl, candidates.data(), candidates.size());

        u64 goals = 0, up = 0, down = 0, fast = 0;
        for (const sluice_range &range : ranges_) {
            u64 now = std::min(range.fast_pages[0], range.resident_pages);
            EXPECT_LE(range.fast_goal[0], range.resident_pages);
            goals += range.fast_goal[0];
            fast += now;
            up += range.fast_goal[0] > now ? range.fast_goal[0] - now : 0;
            down += range.fast_goal[0] < now ? now - range.fast_goal[0] : 0;
        }
        EXPECT_LE(goals, capacity);
        EXPECT_EQ(pl.promote[0], up);
        EXPECT_EQ(pl.demote[0], down);
        // Nothing leaves the fast tier but for something else, or for lack of room.
        if (fast <= capacity && !pl.tier[0].short_of) {
            EXPECT_LE(pl.demote[0], pl.promote[0]);
        }
        for (size_t i = 1; i < candidates.size(); i++)
            EXPECT_GE(candidates[i - 1].density, candidates[i].density);
        return pl;
    }

    // As if everything had been moved.
    void obey()
    {
        for (sluice_range &range : ranges_)
            range.fast_pages[0] = range.fast_goal[0];
    }
    std::deque<sluice_range> &ranges() { return ranges_; }

private:
    std::deque<sluice_range> ranges_;
    u64 next_ = 1_GiB;
};

}  // namespace unit
