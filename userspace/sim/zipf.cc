// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/zipf.h"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {
constexpr uint64_t summed_one_by_one = 4096;
}

Zipf::Zipf(uint64_t n, double theta) : n_(n), theta_(theta)
{
    low_ = integral(1.5) - 1;
    high_ = integral(static_cast<double>(n) + 0.5);
    shortcut_ = 2 - inverse_integral(integral(2.5) - density(2));
}

double Zipf::density(double x) const
{
    return std::pow(x, -theta_);
}

double Zipf::integral(double x) const
{
    const double log_x = std::log(x), power = (1 - theta_) * log_x;
    return std::abs(power) < 1e-9 ? log_x : std::expm1(power) / (1 - theta_);
}

double Zipf::inverse_integral(double y) const
{
    const double power = (1 - theta_) * y;
    return std::exp(std::abs(power) < 1e-9 ? y : std::log1p(std::max(power, -1.0)) / (1 - theta_));
}

uint64_t Zipf::next(Random &random) const
{
    for (;;) {
        const double u = high_ + random.unit() * (low_ - high_);
        const double x = inverse_integral(u);
        const double k = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(n_));
        if (k - x <= shortcut_ || u >= integral(k + 0.5) - density(k))
            return static_cast<uint64_t>(k);
    }
}

// Beyond the first few thousand by Euler and Maclaurin: the integral and half of both ends.
double Zipf::sum(uint64_t n) const
{
    double total = 0;
    const uint64_t exact = std::min(n, summed_one_by_one);
    for (uint64_t k = exact; k > 0; --k)
        total += density(static_cast<double>(k));
    if (n == exact)
        return total;
    const auto from = static_cast<double>(exact), to = static_cast<double>(n);
    return total + integral(to) - integral(from) + (density(to) - density(from)) / 2;
}

double Zipf::share_of_first(uint64_t first) const
{
    return sum(std::min(first, n_)) / sum(n_);
}

}  // namespace sluice
