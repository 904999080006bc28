// SPDX-License-Identifier: GPL-2.0-or-later
// What Sluice is to reach in the matrix, and whether it does.
#pragma once

#include <string>

#include "runner/matrix.h"

namespace bench {

// Throughput beside first touch that no load may fall below.
inline constexpr double kNoWorse = 0.97;

// A table in Markdown; goals of which the suite has no cells are left out.
std::string goals_table(const Json &results);

}  // namespace bench
