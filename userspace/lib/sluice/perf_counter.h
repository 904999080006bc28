// SPDX-License-Identifier: GPL-2.0-or-later
// Hardware counters of a running process: where its memory accesses were served.
#pragma once

#include "sluice/result.h"

#include <cstdint>
#include <vector>

namespace sluice {

// MEM_LOAD_L3_MISS_RETIRED.LOCAL_DRAM and .REMOTE_DRAM: event in bits 7:0, umask in bits 15:8.
inline constexpr uint64_t event_fast_tier = 0x01d3;
inline constexpr uint64_t event_slow_tier = 0x02d3;

// One raw event, user mode only, over all threads that the process has now and will have.
class PerfCounter {
public:
    static Result<PerfCounter> open(int pid, uint64_t raw_event);
    ~PerfCounter();
    PerfCounter(PerfCounter &&other) noexcept : fds_(std::move(other.fds_)) { other.fds_.clear(); }
    PerfCounter &operator=(PerfCounter &&) = delete;

    Result<uint64_t> read() const;

private:
    PerfCounter() = default;
    std::vector<int> fds_;  // one a thread
};

struct TierAccesses {
    uint64_t fast = 0;
    uint64_t slow = 0;

    double hit_ratio() const { return fast + slow == 0 ? 0.0 : double(fast) / double(fast + slow); }
};

class TierAccessCounters {
public:
    static Result<TierAccessCounters> open(int pid);
    Result<TierAccesses> read() const;

private:
    TierAccessCounters(PerfCounter fast, PerfCounter slow)
        : fast_(std::move(fast)), slow_(std::move(slow))
    {
    }
    PerfCounter fast_;
    PerfCounter slow_;
};

}  // namespace sluice
