// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/zipf_table.h"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

// So many ranks are summed up one by one; beyond them the sum is close to an integral.
constexpr uint64_t exact_ranks = 1000;

// The integral of x^-theta.
double integral(double from, double to, double theta)
{
    const double e = 1 - theta;
    return std::abs(e) < 1e-9 ? std::log(to / from) : (std::pow(to, e) - std::pow(from, e)) / e;
}

// Where the integral from `from` on is `mass`.
double integral_end(double from, double mass, double theta)
{
    const double e = 1 - theta;
    return std::abs(e) < 1e-9 ? from * std::exp(mass)
                              : std::pow(std::pow(from, e) + mass * e, 1 / e);
}

}  // namespace

ZipfTable::ZipfTable(uint64_t ranks, double theta)
{
    const uint64_t exact = std::min(ranks, exact_ranks), parts = uint64_t{1} << part_bits;
    std::vector<double> below = {0};  // the mass of all ranks below
    for (uint64_t rank = 0; rank < exact; ++rank)
        below.push_back(below.back() + std::pow(static_cast<double>(rank + 1), -theta));
    const double tail = static_cast<double>(exact) + 0.5;
    const double all = below.back() + integral(tail, static_cast<double>(ranks) + 0.5, theta);
    for (uint64_t i = 0; i <= parts; ++i) {
        const double mass = all * static_cast<double>(i) / static_cast<double>(parts);
        const auto it = std::ranges::upper_bound(below, mass);
        const auto rank = it != below.end() ? static_cast<double>(it - below.begin() - 1)
                                            : integral_end(tail, mass - below.back(), theta) - 0.5;
        bounds_.push_back(
            static_cast<uint32_t>(std::clamp<double>(rank, 0, static_cast<double>(ranks - 1))));
    }
}

}  // namespace sluice
