// SPDX-License-Identifier: GPL-2.0-or-later
// Pictures as SVG, by themselves or inside a page: no script, no font, no other file.
#pragma once

#include "picture/heat_grid.h"
#include "picture/heat_text.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

// Where the cells are, in units of the picture.
struct HeatLayout {
    double row_height;
    std::vector<double> x;  // of each column, and the right end: in proportion to time
    std::vector<double> y;  // of each row, and the lower end
};
HeatLayout lay_out(const HeatGrid &grid);

// Colours for both light and dark, as rules of a style sheet.
std::string heat_style();
// `alone`: a file of its own, with the style sheet inside.
std::string heat_svg(const HeatGrid &grid, const HeatCaption &caption, bool alone);

// Text that may stand between tags or in quotes.
std::string xml_text(std::string_view text);

}  // namespace sluice
