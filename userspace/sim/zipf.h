// SPDX-License-Identifier: GPL-2.0-or-later
// Ranks 1..n, rank k with a probability in proportion to k^-theta; no table, so n may be of any
// size.
#pragma once

#include "workload/random.h"

#include <cstdint>

namespace sluice {

// By rejection-inversion (Hoermann and Derflinger, 1996): one or two draws a rank.
class Zipf {
public:
    Zipf(uint64_t n, double theta);

    uint64_t next(Random &random) const;
    // The share that the `first` most frequent ranks take together.
    double share_of_first(uint64_t first) const;

private:
    double density(double x) const;           // x^-theta
    double integral(double x) const;          // of density, 0 at x = 1
    double inverse_integral(double y) const;  // x for which integral(x) is y
    double sum(uint64_t n) const;             // of density(1) .. density(n)

    uint64_t n_;
    double theta_;
    double low_;       // integral at the lower end, less the mass of rank 1
    double high_;      // integral at the upper end
    double shortcut_;  // this close below a rank, nothing is rejected
};

}  // namespace sluice
