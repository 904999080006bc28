// SPDX-License-Identifier: GPL-2.0-or-later
#include "demo/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace sluice {

namespace {

constexpr uint64_t points = 10;

}

Timeline::Timeline(std::string phase, uint64_t operations, Reader read)
    : phase_(std::move(phase)),
      operations_(operations),
      read_(std::move(read)),
      next_(std::max<uint64_t>(operations / points, 1))
{
    if (!read_)
        return;
    if (const auto now = read_())
        last_ = *now;
}

void Timeline::tick(uint64_t done)
{
    if (done < next_)
        return;
    next_ = done + std::max<uint64_t>(operations_ / points, 1);
    const std::chrono::nanoseconds elapsed = Clock::now() - start_;
    fmt::print(stderr, "{}: {:3} %, {} operations in {:.1f} s", phase_, 100 * done / operations_,
               done, static_cast<double>(elapsed.count()) / 1e9);
    if (read_)
        note(done, elapsed);
    fmt::print(stderr, "\n");
}

void Timeline::note(uint64_t done, std::chrono::nanoseconds elapsed)
{
    const auto now = read_();
    if (!now)
        return;  // the phase's own readings report it
    const TierAccesses since{now->fast - last_.fast, now->slow - last_.slow};
    last_ = *now;
    points_.push_back({{"nanoseconds", elapsed.count()},
                       {"operations", done},
                       {"fast", since.fast},
                       {"slow", since.slow}});
    fmt::print(stderr, ", fast tier served {:.1f} %", 100 * since.hit_ratio());
}

}  // namespace sluice
