// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/narrator.h"

#include <algorithm>

namespace sluice::sim {

namespace {

std::vector<uint64_t> bounds_of(std::span<const sluice_range> ranges)
{
    std::vector<uint64_t> bounds;
    for (const sluice_range &range : ranges) {
        bounds.push_back(range.start);
        bounds.push_back(range.end);
    }
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    return bounds;
}

// The bounds of `others` around each bound of `bounds` that is not among them.
template <class Tell>
void for_each_new(const std::vector<uint64_t> &bounds, const std::vector<uint64_t> &others,
                  Tell tell)
{
    for (const uint64_t bound : bounds) {
        const auto above = std::lower_bound(others.begin(), others.end(), bound);
        if (above != others.end() && above != others.begin() && *above != bound)
            tell(*std::prev(above), bound, *above);
    }
}

}  // namespace

void Narrator::start_epoch(uint64_t number, uint64_t time_ns)
{
    epoch_ = number + 1;  // the kernel's first is 1
    time_ns_ = time_ns;
}

void Narrator::input(uint64_t pid, std::span<const sluice_span> spans, std::span<const u64> samples,
                     std::span<const sluice_range> before)
{
    if (silent())
        return;
    bounds_ = bounds_of(before);
    spans_ = spans.size();
    for (const sluice_span &span : spans)
        tell(trace::Span{pid, epoch_, span.start, span.end});
    for (const u64 sample : samples)
        tell(trace::Sample{pid, epoch_, sample});
}

void Narrator::classified(uint64_t pid, std::span<const sluice_range> after,
                          const sluice_ranges_stats &stats, uint64_t dropped)
{
    if (silent())
        return;
    const auto now = bounds_of(after);
    for_each_new(now, bounds_, [&](uint64_t start, uint64_t mid, uint64_t end) {
        tell(trace::Split{pid, epoch_, start, mid, end});
    });
    for_each_new(bounds_, now, [&](uint64_t start, uint64_t mid, uint64_t end) {
        tell(trace::Merge{pid, epoch_, start, mid, end});
    });
    tell(trace::Epoch{pid, epoch_, after.size(), stats.classified, stats.out_of_range, dropped,
                      spans_});
}

void Narrator::ranked(const trace::Rank &rank)
{
    if (!silent())
        tell(rank);
}

void Narrator::range(uint64_t pid, const sluice_range &range, uint64_t density)
{
    if (silent())
        return;
    tell(trace::Range{pid, epoch_, range.start, range.end, range.count, range.age,
                      range.resident_pages, fast_pages(range), range.tier, fast_goal(range),
                      density});
}

void Narrator::moved(uint64_t pid, const sluice_range &range, bool up, uint64_t pages)
{
    if (silent())
        return;
    const uint64_t from = up ? 1 : 0, to = up ? 0 : 1;
    tell(trace::Relocate{pid, range.start, range.end, from, to, pages, pages, 0});
}

}  // namespace sluice::sim
