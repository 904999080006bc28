// SPDX-License-Identifier: GPL-2.0-or-later
// Random updates, most of them to a hot part that may be in pieces and may move.
#pragma once

#include "workload/counting_cells.h"
#include "workload/load.h"
#include "workload/random.h"

namespace sluice {

struct HotUpdatesConfig {
    uint64_t bytes = 256 << 20;
    double hot_fraction = 0.08;  // of the memory; 1: everything is alike
    double hot_share = 0.90;     // of the updates
    uint64_t piece_bytes = 0;    // a power of two; 0: the hot part is in one piece, at the end
    uint64_t shift_every = 0;    // updates; 0: never
    uint64_t seed = 1;
};

// Updates cells that count them (counting_cells.h): a lost one is seen.
class HotUpdates : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const HotUpdatesConfig &config);
    // In memory that is there; its size is the arena's.
    static std::unique_ptr<HotUpdates> create_in(Arena arena, const HotUpdatesConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;
    std::vector<uint32_t> page_heat(uint64_t operations) override;
    uint64_t shifts() const override { return shifts_; }
    std::span<uint64_t> cells() { return cells_; }

private:
    HotUpdates(const HotUpdatesConfig &config, Arena arena);
    void place_pieces();
    uint64_t piece_cells() const { return uint64_t{1} << piece_shift_; }
    uint64_t pick();

    HotUpdatesConfig config_;
    CountingCells counting_;
    std::span<uint64_t> cells_;
    uint64_t start_ = 0;            // of the hot part in one piece, in units
    unsigned piece_shift_ = 0;      // cells of a piece: a power of two
    std::vector<uint32_t> pieces_;  // numbers of the hot ones
    uint64_t hot_threshold_;
    Random random_;
    uint64_t updates_ = 0;
    uint64_t shifts_ = 0;
};

}  // namespace sluice
