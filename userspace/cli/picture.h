// SPDX-License-Identifier: GPL-2.0-or-later
// The ranges of an address space as text: how dense their accesses are, and where their pages lie.
#pragma once

#include "sluice/range_table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

struct PictureSize {
    unsigned columns = 64;  // cells in a row
    unsigned rows = 12;     // about so many; each takes two lines
};

// Bytes of address space in one cell: a power of two, chosen so that the whole picture fits.
uint64_t cell_bytes(const std::vector<Range> &ranges, PictureSize size);

// Rows of two lines, density over tier; addresses that no range covers are left out, and each
// gap among them is named. A cell of which less than a 16th is in memory is blank.
std::string draw_ranges(const std::vector<Range> &ranges, PictureSize size = {});

char density_mark(double density, double densest);
char tier_mark(uint64_t fast_bytes, uint64_t resident_bytes);

}  // namespace sluice
