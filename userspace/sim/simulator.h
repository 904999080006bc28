// SPDX-License-Identifier: GPL-2.0-or-later
// A guest of any size, simulated: synthetic accesses, sampled as the hardware would, through the
// kernel's own channel, ranges and placement code; pages that are to move, move. Seeded: the same
// configuration gives the same result everywhere, but for the times that the host needs.
#pragma once

#include "sim/pattern.h"
#include "sim/program.h"
#include "sluice/result.h"
#include "trace/event.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace sluice {

struct SimConfig {
    PatternConfig pattern;
    // Run these instead of a pattern, as they ran: their number, time and samples are given.
    std::shared_ptr<const std::vector<Program>> programs;
    uint64_t seed = 1;
    uint64_t processes = 1;
    uint64_t threads = 4;     // per process, each waiting for one load after the other
    uint64_t epochs = 0;      // 0: 100, or as many as `samples` need
    uint64_t samples = 0;     // in all; 0: as many as the accesses of that time give
    double fast_share = 0.2;  // of all memory
    uint64_t fast_ns = 69;    // latency of a load from the fast tier
    uint64_t slow_ns = 177;
    uint64_t period = 4093;      // loads per sample
    uint64_t load_latency = 64;  // cycles; faster loads make no sample
    uint64_t epoch_ms = 500;
    uint64_t split_threshold = 15;
    uint64_t min_range = uint64_t{2} << 20;  // bytes
    uint64_t merge_epochs = 8;
    uint64_t max_ranges = 512;      // per process
    uint64_t margin_pct = 25;       // a page must be this much hotter than what it displaces
    uint64_t relocate_mbps = 1024;  // 0: no bound
    uint64_t channel_entries = 16384;
};

struct SimEpoch {
    double hit_ratio = 0;  // share of the accesses that the fast tier served
    uint64_t samples = 0;  // written by the hardware
    uint64_t dropped = 0;  // of them, because a channel was full
    uint64_t ranges = 0;   // of all processes
    uint64_t splits = 0;
    uint64_t merges = 0;
    uint64_t promoted = 0;  // pages
    uint64_t demoted = 0;
    bool shifted = false;  // the hot part was moved before this epoch
};

struct SimResult {
    SimConfig config;  // as run: nothing left open
    std::vector<SimEpoch> epochs;
    double best_hit_ratio = 0;   // of the best placement there is
    double final_hit_ratio = 0;  // mean of the last quarter
    // For the start and each shift: epochs until the hit ratio is 90 % of the best; -1: not
    // reached.
    std::vector<int64_t> convergence;
    uint64_t samples = 0, dropped = 0, splits = 0, merges = 0, promoted = 0, demoted = 0;
    uint64_t ranges_most = 0;   // of one process
    uint64_t kernel_bytes = 0;  // channels, ranges and their evidence, at their largest
    // Not deterministic: processor time of the host, in ns per sample.
    double channel_ns = 0;
    double classify_ns = 0;
    double place_ns = 0;
    double cpu_s = 0;  // of the whole run, its accesses included
};

// Hands what happens on to `sink`, if there is one: as the kernel's trace would tell it.
Result<SimResult> simulate(const SimConfig &config, const trace::Sink &sink = {});

const char *name_of(PatternKind kind);

}  // namespace sluice
