// SPDX-License-Identifier: GPL-2.0-or-later
// Does a sample come from the distribution that it should come from?
#pragma once

#include <cstdint>
#include <span>

namespace guest {

struct ChiSquare {
    double statistic = 0;
    unsigned degrees = 0;  // of freedom
    double p = 0;          // how often chance alone gives a statistic as large
};

// Pearson's test: how often each class came, and its probability (they add up to 1; at
// least two classes, each expected at least five times).
ChiSquare chi_square(std::span<const uint64_t> counts, std::span<const double> probabilities);

// P(X > statistic) for a chi-square distributed X.
double chi_square_tail(double statistic, unsigned degrees);

}  // namespace guest
