// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture/tier_outline.h"

#include <fmt/format.h>
#include <iterator>

namespace sluice {

namespace {

class Outline {
public:
    Outline(const HeatGrid &grid, const HeatLayout &layout) : grid_(grid), layout_(layout) {}

    std::string path()
    {
        for (size_t row = 0; row < grid_.rows.size(); ++row) {
            const bool first = row == 0 || grid_.rows[row].after_hole;
            const bool last = row + 1 == grid_.rows.size() || grid_.rows[row + 1].after_hole;
            along(layout_.y[row], [&](size_t column) {
                return fast(row, column) != (!first && fast(row - 1, column));
            });
            if (last)
                along(layout_.y[row] + layout_.row_height,
                      [&](size_t column) { return fast(row, column); });
            down(row);
        }
        return std::move(path_);
    }

private:
    bool fast(size_t row, size_t column) const { return is_fast(grid_.at(row, column)); }
    // One line for each run of columns at whose edge it is.
    template <class AtEdge>
    void along(double y, AtEdge at_edge)
    {
        const size_t columns = grid_.columns.size();
        for (size_t column = 0; column < columns; ++column) {
            if (!at_edge(column))
                continue;
            const size_t start = column;
            while (column + 1 < columns && at_edge(column + 1))
                ++column;
            fmt::format_to(std::back_inserter(path_), "M{:.1f} {:.1f}H{:.1f}", layout_.x[start], y,
                           layout_.x[column + 1]);
        }
    }

    void down(size_t row)
    {
        for (size_t column = 1; column < grid_.columns.size(); ++column)
            if (fast(row, column) != fast(row, column - 1))
                fmt::format_to(std::back_inserter(path_), "M{:.1f} {:.1f}v{:.1f}",
                               layout_.x[column], layout_.y[row], layout_.row_height);
    }

    const HeatGrid &grid_;
    const HeatLayout &layout_;
    std::string path_;
};

}  // namespace

std::string tier_outline(const HeatGrid &grid, const HeatLayout &layout)
{
    return Outline(grid, layout).path();
}

}  // namespace sluice
