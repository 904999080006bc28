// SPDX-License-Identifier: GPL-2.0-or-later
// What the whole guest does, by its hardware counters and its kernel's.
#pragma once

#include "sluice/perf_counter.h"
#include "sluice/result.h"
#include "sluice/sysroot.h"
#include "sluice/vmstat.h"

#include <cstdint>
#include <vector>

namespace sluice::bench {

struct Hardware {
    TierAccesses misses;  // of user mode
    uint64_t user_instructions = 0;
    uint64_t kernel_instructions = 0;
};

Hardware operator-(const Hardware &a, const Hardware &b);

// Events of the CPUs, not of a task: a context switch costs nothing more because of them.
class HardwareCounters {
public:
    static Result<HardwareCounters> open();
    ~HardwareCounters();
    HardwareCounters(HardwareCounters &&other) noexcept : fds_(std::move(other.fds_))
    {
        other.fds_.clear();
    }
    HardwareCounters &operator=(HardwareCounters &&) = delete;

    Result<Hardware> read() const;

private:
    HardwareCounters() = default;
    std::vector<int> fds_;  // kinds of events, for one CPU after the other
};

// Counters of /proc/vmstat that tell of tiering, under their names, and context_switches.
Result<Counters> read_kernel_counters(const Sysroot &root);
// What has changed, and nothing else.
Counters changed(const Counters &after, const Counters &before);

}  // namespace sluice::bench
