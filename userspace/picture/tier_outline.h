// SPDX-License-Identifier: GPL-2.0-or-later
// The border of what is in the fast tier, as a path of SVG.
#pragma once

#include "picture/heat_grid.h"
#include "picture/heat_svg.h"

#include <string>

namespace sluice {

// Most of what is resident.
inline bool is_fast(const HeatCell &cell)
{
    return cell.fast && *cell.fast > 0.5;
}

// Not along the first and the last moment: there the picture ends, not the fast memory.
std::string tier_outline(const HeatGrid &grid, const HeatLayout &layout);

}  // namespace sluice
