// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/tsc.h"

#include <chrono>
#include <cstdint>
#include <thread>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

namespace harness {

namespace {

using Clock = std::chrono::steady_clock;

#ifdef __x86_64__

struct Moment {
    Clock::time_point time;
    uint64_t ticks;
};

// Both clocks at one moment: the tightest of some attempts, so that being
// interrupted between the two does not matter.
Moment now()
{
    Moment best = {};
    auto tightest = Clock::duration::max();
    for (int i = 0; i < 50; i++) {
        const auto before = Clock::now();
        const uint64_t ticks = __rdtsc();
        const auto after = Clock::now();
        if (after - before < tightest) {
            tightest = after - before;
            best = {before + (after - before) / 2, ticks};
        }
    }
    return best;
}

unsigned measure()
{
    const Moment start = now();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const Moment end = now();
    const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(end.time - start.time);
    return static_cast<unsigned>((end.ticks - start.ticks) * 1'000'000 /
                                 static_cast<uint64_t>(ns.count()));
}

#else

unsigned measure()
{
    return 0;
}

#endif

}  // namespace

unsigned host_tsc_khz()
{
    static const unsigned khz = measure();
    return khz;
}

}  // namespace harness
