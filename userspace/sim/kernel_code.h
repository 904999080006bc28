// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's channel and ranges with owners that clean up. Not for headers of others: what this
// includes stands in for headers of the kernel.
#pragma once

#include <cstdint>
#include <new>
#include <span>
#include <vector>

extern "C" {
#include <linux/slab.h>

#include "channel.h"
#include "placement.h"
#include "ranges.h"
}

namespace sluice::sim {

constexpr uint64_t page_bytes = 4096;

// Two tiers here, so of the kernel's bounds between tiers the first.
auto &fast_pages(auto &range)
{
    return range.fast_pages[0];
}
auto &fast_goal(auto &range)
{
    return range.fast_goal[0];
}

class Channel {
public:
    explicit Channel(unsigned entries)
    {
        if (sluice_channel_init(&channel_, entries, GFP_KERNEL) != 0)
            throw std::bad_alloc();
    }
    ~Channel() { sluice_channel_destroy(&channel_); }
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    unsigned push(std::span<const u64> entries)
    {
        return sluice_channel_push_batch(&channel_, entries.data(),
                                         static_cast<unsigned>(entries.size()));
    }
    unsigned pop(std::span<u64> entries)
    {
        return sluice_channel_pop(&channel_, entries.data(), static_cast<unsigned>(entries.size()));
    }

private:
    sluice_channel channel_ = {};
};

class Ranges {
public:
    explicit Ranges(const sluice_ranges_params &params)
    {
        if (sluice_ranges_init(&ranges_, &params) != 0)
            throw std::bad_alloc();
    }
    ~Ranges() { sluice_ranges_destroy(&ranges_); }
    Ranges(const Ranges &) = delete;
    Ranges &operator=(const Ranges &) = delete;

    void sync(std::span<sluice_span> spans)
    {
        sluice_ranges_sync(&ranges_, spans.data(), static_cast<unsigned>(spans.size()));
    }
    sluice_ranges_stats epoch(std::span<u64> samples)
    {
        sluice_ranges_stats stats = {};
        scratch_.resize(std::max(scratch_.size(), samples.size()));
        sluice_ranges_epoch(&ranges_, samples.data(), scratch_.data(),
                            static_cast<unsigned>(samples.size()), &stats);
        return stats;
    }
    std::span<sluice_range> all() { return {ranges_.ranges, ranges_.nr}; }

private:
    sluice_ranges ranges_ = {};
    std::vector<u64> scratch_;
};

}  // namespace sluice::sim
