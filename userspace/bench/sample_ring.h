// SPDX-License-Identifier: GPL-2.0-or-later
// One CPU's load-latency event with its ring.
#pragma once

#include "sluice/result.h"

#include <linux/perf_event.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace sluice::bench {

struct RingConfig {
    int cpu = 0;
    uint64_t period = 4093;
    uint64_t latency_cycles = 64;
    bool single_records = false;
};

class SampleRing {
public:
    static Result<SampleRing> open(const RingConfig &config);
    SampleRing(SampleRing &&other) noexcept
        : fd_(std::exchange(other.fd_, -1)), page_(std::exchange(other.page_, nullptr))
    {
    }
    SampleRing &operator=(SampleRing &&) = delete;
    ~SampleRing();

    int fd() const { return fd_; }
    // Adds the addresses that have come to `addresses`; returns how many records were lost.
    uint64_t read(std::vector<uint64_t> &addresses);
    Result<> set_period(uint64_t period);

private:
    SampleRing(int fd, perf_event_mmap_page *page) : fd_(fd), page_(page) {}

    int fd_;
    perf_event_mmap_page *page_;
};

}  // namespace sluice::bench
