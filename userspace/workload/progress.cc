// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/progress.h"

namespace sluice {

namespace {
uint64_t nanoseconds(Clock::duration d)
{
    return static_cast<uint64_t>(std::chrono::nanoseconds(d).count());
}
}  // namespace

Progress::Progress(Limit limit, Hooks hooks)
    : limit_(limit), hooks_(std::move(hooks)), start_(Clock::now()), second_start_(start_)
{
}

// Whether `parts` halves of the limit are over.
bool Progress::reached(uint64_t done, Clock::time_point now, unsigned parts) const
{
    if (limit_.operations != 0 && 2 * done >= parts * limit_.operations)
        return true;
    return limit_.duration.count() != 0 && 2 * (now - start_) >= parts * limit_.duration;
}

bool Progress::more(uint64_t done)
{
    const auto now = Clock::now();
    if (!in_second_ && reached(done, now, 1)) {
        halves_.first = {done, nanoseconds(now - start_)};
        hooks_.at_half();
        in_second_ = true;
        second_start_ = Clock::now();
        start_ += second_start_ - now;  // the time that the hook took is not the load's
    }
    hooks_.between(done);
    interrupted_ = hooks_.interrupted();
    if (!interrupted_ && !reached(done, now, 2))
        return true;
    if (in_second_)
        halves_.second = {done - halves_.first.operations,
                          nanoseconds(Clock::now() - second_start_)};
    else
        halves_.first = {done, nanoseconds(now - start_)};
    return false;
}

}  // namespace sluice
