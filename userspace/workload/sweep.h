// SPDX-License-Identifier: GPL-2.0-or-later
// Sweeps over all of the memory, line after line: nothing is hotter than the rest.
#pragma once

#include "workload/load.h"

namespace sluice {

struct SweepConfig {
    uint64_t bytes = 256 << 20;
};

// Each sweep adds to the first word of every line.
class Sweep : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const SweepConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;

private:
    explicit Sweep(Arena arena);

    struct Line {
        uint64_t words[8];
    };
    std::span<Line> lines_;
    uint64_t at_ = 0;
    uint64_t sweeps_ = 0;  // that are complete
};

}  // namespace sluice
