// SPDX-License-Identifier: GPL-2.0-or-later
// Giga updates per second on a hot set: most updates go to a small, contiguous part of the memory.
#pragma once

#include "sluice/result.h"
#include "workload/counting_cells.h"
#include "workload/progress.h"

#include <cstdint>
#include <memory>
#include <span>

namespace sluice {

enum class HotPosition { start, middle, end };

struct GupsConfig {
    uint64_t size_bytes = 256ull << 20;
    double hot_fraction = 0.08;  // of the memory
    double hot_share = 0.90;     // of the updates
    HotPosition hot_position = HotPosition::end;
    uint64_t seed = 1;
    Limit limit;
};

struct GupsResult {
    Halves halves;
    uint64_t corrupt_bytes = 0;
    bool interrupted = false;
};

// Updates cells that count them (counting_cells.h): a lost one is seen.
class Gups {
public:
    static Result<Gups> create(const GupsConfig &config);

    void run(const Hooks &hooks);
    GupsResult verify() const;
    std::span<uint64_t> cells() { return {cells_.get(), nr_cells_}; }

private:
    struct Unmap {
        size_t bytes;
        void operator()(uint64_t *memory) const;
    };

    explicit Gups(const GupsConfig &config);
    void fill();
    uint64_t pick(class Random &random) const;

    GupsConfig config_;
    CountingCells counting_;
    uint64_t nr_cells_ = 0;
    uint64_t hot_cells_ = 0;
    uint64_t hot_start_ = 0;
    std::unique_ptr<uint64_t[], Unmap> cells_;
    uint64_t updates_ = 0;
    Halves halves_;
    bool interrupted_ = false;
};

}  // namespace sluice
