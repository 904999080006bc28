// SPDX-License-Identifier: GPL-2.0-or-later
// Tells what the simulated guest does in the words of the kernel's trace, if anybody listens.
#pragma once

#include "sim/kernel_code.h"
#include "trace/event.h"

#include <span>
#include <vector>

namespace sluice::sim {

class Narrator {
public:
    explicit Narrator(const trace::Sink &sink) : sink_(sink) {}

    void start_epoch(uint64_t number, uint64_t time_ns);
    void input(uint64_t pid, std::span<const sluice_span> spans, std::span<const u64> samples,
               std::span<const sluice_range> before);
    void classified(uint64_t pid, std::span<const sluice_range> after,
                    const sluice_ranges_stats &stats, uint64_t dropped);
    void ranked(const trace::Rank &rank);
    void range(uint64_t pid, const sluice_range &range, uint64_t density);
    void moved(uint64_t pid, const sluice_range &range, bool up, uint64_t pages);
    bool silent() const { return !sink_; }

private:
    template <class E>
    void tell(E event)
    {
        sink_({time_ns_++, std::move(event)});
    }

    trace::Sink sink_;
    uint64_t epoch_ = 0;
    uint64_t time_ns_ = 0;
    std::vector<uint64_t> bounds_;  // of the ranges before classification
    uint64_t spans_ = 0;            // of the process that is told of
};

}  // namespace sluice::sim
