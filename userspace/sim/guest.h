// SPDX-License-Identifier: GPL-2.0-or-later
// The simulated guest: processes that access, sample and classify; one ranking; pages that move.
#pragma once

#include "sim/fast_memory.h"
#include "sim/kernel_code.h"
#include "sim/narrator.h"
#include "sim/simulator.h"

#include <chrono>
#include <memory>
#include <vector>

namespace sluice::sim {

using Nanoseconds = std::chrono::duration<double, std::nano>;

// Of the processor, not of the clock on the wall: the host has other work, too.
struct Times {
    Nanoseconds channel{0};
    Nanoseconds classify{0};
    Nanoseconds place{0};
};

class Process {
public:
    Process(const SimConfig &config, uint64_t index);

    // One epoch's accesses, into the channel; returns how many of them the fast tier served.
    uint64_t access(uint64_t accesses, SimEpoch &epoch, Times &times);
    void classify(uint64_t number, SimEpoch &epoch, Times &times, Narrator &narrator);
    // Accesses that the hardware looks at in this epoch, one of `period`.
    uint64_t accesses_due(uint64_t number);
    bool start_epoch(uint64_t number) { return pattern_->start_epoch(number); }

    uint64_t pid() const { return pid_; }
    uint64_t fast_bytes_at_first() const { return fast_at_first_; }
    std::span<sluice_range> ranges() { return ranges_.all(); }
    FastMemory &fast() { return fast_; }

private:
    Process(const SimConfig &config, uint64_t index, const Program *program);
    bool is_seen(bool fast);
    uint64_t next_address();

    const SimConfig &config_;
    const Program *program_;  // null: it follows a pattern
    size_t next_access_ = 0;  // of the program
    uint64_t pid_;
    std::vector<sluice_span> spans_;
    uint64_t fast_at_first_;
    std::unique_ptr<Pattern> pattern_;
    Random random_;
    FastMemory fast_;
    Channel channel_;
    Ranges ranges_;
    std::vector<u64> written_;  // by the hardware, in this epoch
    std::vector<u64> samples_;  // as they come out of the channel
    double hit_ratio_ = 0;      // of the last epoch: how long a load takes
    double due_ = 0;            // accesses owed to the next epoch, a fraction
    uint64_t dropped_ = 0;      // samples, in this epoch
};

class Guest {
public:
    Guest(const SimConfig &config, const trace::Sink &sink);

    SimEpoch epoch(uint64_t number);
    double best_hit_ratio() const;
    uint64_t ranges_most() const { return ranges_most_; }
    uint64_t kernel_bytes() const;
    const Times &times() const { return times_; }

private:
    void rank();
    void relocate(SimEpoch &epoch);
    uint64_t demote(uint64_t pages, size_t &coldest);

    SimConfig config_;
    uint64_t capacity_ = 0;  // pages
    size_t bytes_before_;
    Narrator narrator_;
    std::vector<std::unique_ptr<Process>> processes_;
    std::vector<sluice_candidate> candidates_;
    Times times_;
    uint64_t ranges_most_ = 0;
};

}  // namespace sluice::sim
