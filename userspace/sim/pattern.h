// SPDX-License-Identifier: GPL-2.0-or-later
// Where a synthetic program's memory accesses go, and how well the best placement would serve them.
#pragma once

#include "workload/random.h"

#include <cstdint>
#include <memory>

namespace sluice {

enum class PatternKind { hotset, scattered, zipf, shifting, streaming, uniform, recorded };

struct PatternConfig {
    PatternKind kind = PatternKind::hotset;
    uint64_t size = uint64_t{1} << 30;   // bytes of memory, all of them resident
    uint64_t hot = 0;                    // bytes that are hot; 0: a twelfth of size
    double hot_share = 0.9;              // accesses that go to the hot part
    uint64_t piece = uint64_t{2} << 20;  // bytes that are equally hot: scattered, zipf
    double theta = 0.99;                 // zipf: exponent
    uint64_t shift_epochs = 50;          // shifting: epochs between two moves of the hot part
    uint64_t fast_at_first = 0;          // bytes at the start that a hot part avoids, if it can
    uint64_t bytes_between_samples =
        256;  // streaming: how far the program walks from one to the next
    uint64_t seed = 1;
};

class Pattern {
public:
    virtual ~Pattern() = default;
    // The next access: an offset below the size.
    virtual uint64_t next(Random &random) = 0;
    // Share of the accesses that the fast tier serves if its `bytes` hold the best there is for it.
    virtual double best(double bytes) const = 0;
    // Called at the start of each epoch; true: the hot part is another one now.
    virtual bool start_epoch(uint64_t) { return false; }
};

std::unique_ptr<Pattern> make_pattern(const PatternConfig &config);

}  // namespace sluice
