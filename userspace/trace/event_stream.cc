// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/event_stream.h"

#include <algorithm>

namespace sluice::trace {

Result<> EventStream::read_all()
{
    for (unsigned cpu = 0; cpu < source_.cpus(); ++cpu)
        for (;;) {
            const auto got = source_.read(cpu, page_);
            if (!got)
                return propagate(got);
            if (*got == 0)
                break;
            const size_t first = waiting_.size();
            const auto missed = parser_.parse(std::span(page_).first(*got), waiting_);
            if (!missed)
                return propagate(missed);
            if (*missed != 0 && first < waiting_.size())
                waiting_.insert(waiting_.begin() + static_cast<ptrdiff_t>(first),
                                {waiting_[first].time_ns, Lost{cpu, *missed}});
            missed_ += *missed;
        }
    return {};
}

void EventStream::hand_on(uint64_t until_ns, const Sink &sink)
{
    std::ranges::stable_sort(waiting_, {}, &Timed::time_ns);
    const auto end = std::ranges::upper_bound(waiting_, until_ns, {}, &Timed::time_ns);
    std::for_each(waiting_.begin(), end, sink);
    waiting_.erase(waiting_.begin(), end);
}

Result<> EventStream::round(const Sink &sink)
{
    const uint64_t complete_ns = newest_ns_;
    if (const auto read = read_all(); !read)
        return read;
    for (const Timed &timed : waiting_)
        newest_ns_ = std::max(newest_ns_, timed.time_ns);
    hand_on(complete_ns, sink);
    return {};
}

Result<> EventStream::finish(const Sink &sink)
{
    if (const auto read = read_all(); !read)
        return read;
    hand_on(~uint64_t{0}, sink);
    return {};
}

}  // namespace sluice::trace
