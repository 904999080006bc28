// SPDX-License-Identifier: GPL-2.0-or-later
// How a load measures itself: by halves, so that a warm-up does not hide in an average.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

namespace sluice {

using Clock = std::chrono::steady_clock;

// A load ends after a number of operations or after a time, whichever is asked for.
struct Limit {
    uint64_t operations = 0;               // 0: no such limit
    std::chrono::nanoseconds duration{0};  // 0: no such limit
};

struct Span {
    uint64_t operations = 0;
    uint64_t nanoseconds = 0;

    double per_second() const { return nanoseconds == 0 ? 0.0 : operations * 1e9 / nanoseconds; }
};

struct Halves {
    Span first;
    Span second;

    Span whole() const
    {
        return {first.operations + second.operations, first.nanoseconds + second.nanoseconds};
    }
};

// Called between two batches of operations.
struct Hooks {
    std::function<void()> at_half = [] {};
    std::function<void(uint64_t)> between = [](uint64_t) {};  // told how many are done
    std::function<bool()> interrupted = [] { return false; };
};

// Tells a loop of batches when half is over and when all is.
class Progress {
public:
    Progress(Limit limit, Hooks hooks);

    // True while there is more to do; `done` operations are behind us.
    bool more(uint64_t done);
    Halves halves() const { return halves_; }
    bool interrupted() const { return interrupted_; }

private:
    bool reached(uint64_t done, Clock::time_point now, unsigned parts) const;

    Limit limit_;
    Hooks hooks_;
    Clock::time_point start_;
    Clock::time_point second_start_;
    Halves halves_;
    bool in_second_ = false;
    bool interrupted_ = false;
};

}  // namespace sluice
