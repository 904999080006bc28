// SPDX-License-Identifier: GPL-2.0-or-later
// Where an axis has its ticks.
#pragma once

#include <cmath>

namespace sluice {

// The smallest of 1, 2, 5, 10, 20, ... (and of their tenths, ...) that parts the span into at most
// so many.
inline double round_step(double span, double most)
{
    const double power = std::pow(10, std::floor(std::log10(span / most)));
    for (const double times : {1, 2, 5})
        if (span / (times * power) <= most)
            return times * power;
    return 10 * power;
}

}  // namespace sluice
