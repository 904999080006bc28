// SPDX-License-Identifier: GPL-2.0-or-later
// A heat map for terminals, for spreadsheets, and as SVG.
#pragma once

#include "picture/heat_grid.h"

#include <string>

namespace sluice {

// What is written around the map.
struct HeatCaption {
    std::string title;  // of the process and the recording
    uint64_t start_s = 0;
};

// "shown: 1.0 GiB in 2 pieces, 3.1 % of the process's 32.0 GiB of addresses; ..."
std::string coverage_text(const HeatGrid &grid);
std::string heat_text(const HeatGrid &grid, const HeatCaption &caption);
std::string heat_csv(const HeatGrid &grid);

}  // namespace sluice
