// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/chi_square.h"

#include <cmath>
#include <numeric>
#include <stdexcept>

namespace guest {

// From one or two degrees of freedom upwards, two at a time:
// Q(x, k + 2) = Q(x, k) + (x/2)^(k/2) e^(-x/2) / Gamma(k/2 + 1)
double chi_square_tail(double statistic, unsigned degrees)
{
    const double half = statistic / 2;
    if (half <= 0)
        return 1;
    double tail = degrees % 2 ? std::erfc(std::sqrt(half)) : std::exp(-half);
    for (unsigned k = degrees % 2 ? 1 : 2; k < degrees; k += 2)
        tail += std::exp(k / 2.0 * std::log(half) - half - std::lgamma(k / 2.0 + 1));
    return tail;
}

ChiSquare chi_square(std::span<const uint64_t> counts, std::span<const double> probabilities)
{
    if (counts.size() < 2 || counts.size() != probabilities.size())
        throw std::invalid_argument(
            "chi_square: want a probability for each of two classes or more");
    const auto total =
        static_cast<double>(std::accumulate(counts.begin(), counts.end(), uint64_t{0}));
    ChiSquare result;
    result.degrees = static_cast<unsigned>(counts.size() - 1);
    for (size_t i = 0; i < counts.size(); i++) {
        const double expected = total * probabilities[i];
        if (expected < 5)
            throw std::invalid_argument("chi_square: a class is expected less than five times");
        const double off = static_cast<double>(counts[i]) - expected;
        result.statistic += off * off / expected;
    }
    result.p = chi_square_tail(result.statistic, result.degrees);
    return result;
}

}  // namespace guest
