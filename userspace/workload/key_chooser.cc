// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/key_chooser.h"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

constexpr double latest_share = 0.90;

double zeta(uint64_t n, double theta)
{
    double sum = 0;
    for (uint64_t i = n; i > 0; --i)  // the small terms first: they would be lost in a large sum
        sum += std::pow(static_cast<double>(i), -theta);
    return sum;
}

}  // namespace

LatestChooser::LatestChooser(uint64_t keys)
{
    latest_ = std::max<uint64_t>(keys / 10, 1);
    older_ = keys - latest_;
}

uint64_t LatestChooser::next(Random &random)
{
    if (older_ == 0 || random.unit() < latest_share)
        return older_ + random.below(latest_);
    return random.below(older_);
}

ZipfChooser::ZipfChooser(uint64_t keys, double theta)
    : keys_(keys), theta_(theta), zeta_(zeta(keys, theta)), alpha_(1 / (1 - theta))
{
    const double n = static_cast<double>(keys);
    eta_ =
        (1 - std::pow(2 / n, 1 - theta)) / (1 - zeta(std::min<uint64_t>(2, keys), theta) / zeta_);
}

uint64_t ZipfChooser::rank(Random &random) const
{
    const double u = random.unit();
    const double scaled = u * zeta_;
    if (scaled < 1 || keys_ == 1)
        return 0;
    if (scaled < 1 + std::pow(0.5, theta_) || keys_ == 2)
        return 1;
    const double at = static_cast<double>(keys_) * std::pow(eta_ * u - eta_ + 1, alpha_);
    return std::min(static_cast<uint64_t>(at), keys_ - 1);
}

uint64_t ZipfChooser::next(Random &random)
{
    return mix(rank(random) + 1) % keys_;
}

std::unique_ptr<KeyChooser> make_chooser(KeyMode mode, uint64_t keys)
{
    if (mode == KeyMode::zipf)
        return std::make_unique<ZipfChooser>(keys);
    return std::make_unique<LatestChooser>(keys);
}

}  // namespace sluice
