// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's channel, ranges and placement as C++ sees them: owners that clean up, and what must
// always hold.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

extern "C" {
#include <linux/slab.h>

#include "channel.h"
#include "placement.h"
#include "ranges.h"
#include "sample_sort.h"
}

namespace unit {

using Entries = std::vector<u64>;

constexpr u64 operator""_KiB(unsigned long long n)
{
    return n << 10;
}
constexpr u64 operator""_MiB(unsigned long long n)
{
    return n << 20;
}
constexpr u64 operator""_GiB(unsigned long long n)
{
    return n << 30;
}
constexpr u64 operator""_TiB(unsigned long long n)
{
    return n << 40;
}

constexpr u64 kPage = 4_KiB;

constexpr u64 page_of(u64 address)
{
    return address / kPage;
}

class Channel {
public:
    explicit Channel(unsigned entries)
    {
        if (sluice_channel_init(&ch_, entries, GFP_KERNEL) != 0)
            std::abort();
    }
    ~Channel() { sluice_channel_destroy(&ch_); }
    Channel(const Channel &) = delete;
    Channel &operator=(const Channel &) = delete;

    unsigned push(std::span<const u64> entries)
    {
        return sluice_channel_push_batch(&ch_, entries.data(), entries.size());
    }
    unsigned push(u64 entry) { return push(std::span(&entry, 1)); }
    Entries pop(unsigned max)
    {
        Entries out(max);
        out.resize(sluice_channel_pop(&ch_, out.data(), max));
        return out;
    }
    bool empty() const { return sluice_channel_empty(&ch_); }
    unsigned size() const { return ch_.size; }
    sluice_channel *raw() { return &ch_; }

private:
    sluice_channel ch_ = {};
};

class Ranges {
public:
    Ranges() : Ranges(sluice_ranges_params SLUICE_RANGES_PARAMS_DEFAULT) {}
    explicit Ranges(const sluice_ranges_params &params)
    {
        if (sluice_ranges_init(&r_, &params) != 0)
            std::abort();
    }
    ~Ranges() { sluice_ranges_destroy(&r_); }
    Ranges(const Ranges &) = delete;
    Ranges &operator=(const Ranges &) = delete;

    void sync(std::vector<sluice_span> spans)
    {
        spans_ = spans;
        sluice_ranges_sync(&r_, spans.data(), spans.size());
        check();
    }
    sluice_ranges_stats epoch(Entries samples)
    {
        std::vector<sluice_boundary> boundaries(SLUICE_MAX_BOUNDARIES(r_.params.max_ranges));
        sluice_ranges_stats stats = {~0U, ~0U, ~0U, ~0U};
        std::vector<Bounds> bounds = all_bounds();
        Entries scratch(samples.size());
        unsigned before = r_.nr;

        r_.boundaries = boundaries.data();
        sluice_ranges_epoch(&r_, samples.data(), scratch.data(), samples.size(), &stats);
        r_.boundaries = nullptr;
        replay(bounds, boundaries, stats);
        EXPECT_EQ(bounds, all_bounds()) << "what was told of cuts and merges is not what happened";
        EXPECT_TRUE(std::ranges::is_sorted(samples, {}, page_of));
        EXPECT_EQ(stats.classified + stats.out_of_range, samples.size());
        EXPECT_EQ(before + stats.splits - stats.merges, r_.nr);
        check();
        return stats;
    }

    std::span<sluice_range> all() { return {r_.ranges, r_.nr}; }
    // The range that covers an address; the test fails if there is none.
    sluice_range &at(u64 address)
    {
        for (sluice_range &range : all())
            if (range.start <= address && address < range.end)
                return range;
        ADD_FAILURE() << "no range covers 0x" << std::hex << address;
        static sluice_range none;
        return none = {};
    }
    bool covers(u64 address)
    {
        return std::ranges::any_of(all(), [&](const sluice_range &range) {
            return range.start <= address && address < range.end;
        });
    }
    u64 total_count()
    {
        u64 sum = 0;
        for (const sluice_range &range : all())
            sum += range.count;
        return sum;
    }
    unsigned size() const { return r_.nr; }
    sluice_ranges_params &params() { return r_.params; }
    sluice_ranges *raw() { return &r_; }

    // Sorted, disjoint, not empty, page aligned, inside the spans, not too many.
    void check()
    {
        u64 end = 0;
        size_t span = 0;

        ASSERT_LE(r_.nr, r_.params.max_ranges);
        for (const sluice_range &range : all()) {
            ASSERT_LT(range.start, range.end);
            ASSERT_GE(range.start, end);
            ASSERT_EQ(range.start % kPage, 0U);
            ASSERT_EQ(range.end % kPage, 0U);
            end = range.end;

            for (u64 covered = range.start; covered < range.end; covered = spans_[span].end) {
                while (span < spans_.size() && spans_[span].end <= covered)
                    span++;
                ASSERT_LT(span, spans_.size()) << "range beyond the last span";
                ASSERT_LE(spans_[span].start, covered) << "range in a hole";
            }
        }
    }

private:
    using Bounds = std::pair<u64, u64>;

    std::vector<Bounds> all_bounds()
    {
        std::vector<Bounds> bounds;
        for (const sluice_range &range : all())
            bounds.emplace_back(range.start, range.end);
        return bounds;
    }

    // What somebody makes of the bounds who was only told how they change.
    static void replay(std::vector<Bounds> &bounds, const std::vector<sluice_boundary> &told,
                       const sluice_ranges_stats &stats)
    {
        for (unsigned i = 0; i < stats.splits + stats.merges; i++) {
            const sluice_boundary &b = told[i];
            auto at = std::ranges::lower_bound(bounds, Bounds(b.start, 0));
            if (at == bounds.end()) {
                ADD_FAILURE() << "no such range";
                return;
            }
            if (i < stats.splits) {
                EXPECT_EQ(*at, Bounds(b.start, b.end));
                *at = {b.mid, b.end};
                bounds.insert(at, {b.start, b.mid});
            } else {
                EXPECT_EQ(*at, Bounds(b.start, b.mid));
                *at = {b.start, b.end};
                bounds.erase(at + 1);
            }
        }
    }

    sluice_ranges r_ = {};
    std::vector<sluice_span> spans_;
};

// Two tiers and what the tests suppose of them: the default period, tiers as in the machine "pmem",
// and moves that cost nothing unless a test says so.
inline sluice_placement two_tiers(u64 capacity, unsigned margin_pct = SLUICE_MARGIN_DEFAULT_PCT,
                                  unsigned move_ns = 0)
{
    sluice_placement pl = {};
    pl.nr_bounds = 1;
    pl.tier[0] = {capacity, 0, 177 - 69};
    pl.margin_pct = margin_pct;
    pl.sample_period = 4093;
    pl.move_ns = move_ns;
    return pl;
}

inline sluice_candidate candidate(sluice_range &range)
{
    sluice_candidate result = {};
    result.range = &range;
    return result;
}

// A generator whose results are the same everywhere: the standard's distributions are not.
class Random {
public:
    explicit Random(u64 seed) : state_(seed) {}

    u64 next()
    {
        // splitmix64
        u64 z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    u64 below(u64 bound)
    {
        return bound ? static_cast<unsigned __int128>(next()) * bound >> 64 : 0;
    }
    bool chance(double p) { return static_cast<double>(next() >> 11) * 0x1p-53 < p; }

private:
    u64 state_;
};

}  // namespace unit
