// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/fast_memory.h"

#include <algorithm>

namespace sluice {

size_t FastMemory::first_above(uint64_t address) const
{
    const auto found = std::upper_bound(
        intervals_.begin(), intervals_.end(), address,
        [](uint64_t value, const Interval &interval) { return value < interval.end; });
    return static_cast<size_t>(found - intervals_.begin());
}

bool FastMemory::contains(uint64_t address) const
{
    const size_t at = first_above(address);
    return at < intervals_.size() && intervals_[at].start <= address;
}

uint64_t FastMemory::bytes_in(uint64_t start, uint64_t end) const
{
    uint64_t sum = 0;
    for (size_t at = first_above(start); at < intervals_.size() && intervals_[at].start < end; ++at)
        sum += std::min(end, intervals_[at].end) - std::max(start, intervals_[at].start);
    return sum;
}

// Interval `at` takes in the neighbours that it touches.
void FastMemory::join(size_t at)
{
    if (at + 1 < intervals_.size() && intervals_[at].end == intervals_[at + 1].start) {
        intervals_[at].end = intervals_[at + 1].end;
        intervals_.erase(intervals_.begin() + static_cast<ptrdiff_t>(at) + 1);
    }
    if (at > 0 && intervals_[at - 1].end == intervals_[at].start) {
        intervals_[at - 1].end = intervals_[at].end;
        intervals_.erase(intervals_.begin() + static_cast<ptrdiff_t>(at));
    }
}

uint64_t FastMemory::add(uint64_t start, uint64_t end, uint64_t most)
{
    uint64_t added = 0;
    while (start < end && added < most) {
        const size_t at = first_above(start);
        const bool last = at == intervals_.size();
        if (!last && intervals_[at].start <= start) {
            start = intervals_[at].end;
            continue;
        }
        const uint64_t gap_end = last ? end : std::min(end, intervals_[at].start);
        const uint64_t part = std::min(gap_end - start, most - added);
        intervals_.insert(intervals_.begin() + static_cast<ptrdiff_t>(at), {start, start + part});
        join(at);
        added += part;
        start += part;
    }
    bytes_ += added;
    return added;
}

uint64_t FastMemory::remove(uint64_t start, uint64_t end, uint64_t most)
{
    uint64_t removed = 0;
    for (size_t at = first_above(start);
         at < intervals_.size() && intervals_[at].start < end && removed < most;) {
        Interval &interval = intervals_[at];
        const uint64_t from = std::max(start, interval.start);
        const uint64_t to = from + std::min(std::min(end, interval.end) - from, most - removed);
        const Interval above = {to, interval.end};
        removed += to - from;
        interval.end = from;
        if (interval.start == interval.end)
            intervals_.erase(intervals_.begin() + static_cast<ptrdiff_t>(at));
        else
            ++at;
        if (above.start < above.end)
            intervals_.insert(intervals_.begin() + static_cast<ptrdiff_t>(at++), above);
    }
    bytes_ -= removed;
    return removed;
}

}  // namespace sluice
