// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture/heat_text.h"

#include "cli/units.h"

#include <fmt/format.h>
#include <algorithm>
#include <iterator>

namespace sluice {

namespace {

constexpr const char *shades = " .:-=+*#%@";  // by level

char tier_mark(const HeatCell &cell)
{
    if (!cell.fast)
        return ' ';
    return *cell.fast > 0.9 ? 'F' : *cell.fast < 0.1 ? 's' : '/';
}

// A line of marks under the columns: seconds since the start, as many as fit.
std::string time_axis(const HeatGrid &grid)
{
    std::string marks(grid.columns.size() + 8, ' ');
    for (size_t column = 0; column + 1 < grid.columns.size(); column += 10) {
        const std::string text =
            fmt::format("{:.1f}", static_cast<double>(grid.columns[column].start_ns) / 1e9);
        if (column + text.size() <= marks.size())
            marks.replace(column, text.size(), text);
    }
    return marks.substr(0, marks.find_last_not_of(' ') + 1);
}

template <class Mark>
std::string panel(const HeatGrid &grid, const char *name, Mark mark)
{
    std::string text = fmt::format("{:>14} +{:-<{}}+\n", name, "", grid.columns.size());
    for (size_t row = 0; row < grid.rows.size(); ++row) {
        if (grid.rows[row].after_hole)
            text += fmt::format("{:>14} :{:{}}:\n", "hole", "", grid.columns.size());
        text += fmt::format("{:>14x} |", grid.rows[row].start);
        for (size_t column = 0; column < grid.columns.size(); ++column)
            text += mark(grid.at(row, column));
        text += "|\n";
    }
    return text + fmt::format("{:>14}  {}\n", "seconds", time_axis(grid));
}

}  // namespace

std::string coverage_text(const HeatGrid &grid)
{
    const auto holes = std::ranges::count(grid.rows, true, &HeatRow::after_hole);
    std::string text = fmt::format("shown: {} of addresses in {} piece{}",
                                   human_bytes(grid.shown_bytes), holes + 1, holes ? "s" : "");
    if (grid.virtual_bytes != 0)
        text += fmt::format(
            ", {:.1f} % of the {} that the process had mapped",
            percent(static_cast<double>(grid.shown_bytes), static_cast<double>(grid.virtual_bytes)),
            human_bytes(grid.virtual_bytes));
    return text + fmt::format("; {} of its {} samples ({:.1f} %)", grid.samples, grid.all_samples,
                              percent(static_cast<double>(grid.samples),
                                      static_cast<double>(grid.all_samples)));
}

std::string heat_text(const HeatGrid &grid, const HeatCaption &caption)
{
    std::string text = fmt::format("{}\n{}\n", caption.title, coverage_text(grid));
    text += fmt::format(
        "addresses (hex) downwards, {} a row; time to the right, {} epoch{} a column\n",
        human_bytes(grid.row_bytes), grid.columns.empty() ? 0 : grid.columns.front().epochs,
        !grid.columns.empty() && grid.columns.front().epochs == 1 ? "" : "s");
    text += fmt::format(
        "heat: samples per MiB and second; @ is up to {:.3g}, each of %#*+=-:. half of the one "
        "before, blank none\ntier: F fast, s slow, / both, blank: nothing in memory\n\n",
        grid.hottest);
    text += panel(grid, "heat", [&](const HeatCell &cell) { return shades[grid.level(cell)]; });
    return text + "\n" + panel(grid, "tier", tier_mark);
}

std::string heat_csv(const HeatGrid &grid)
{
    std::string text =
        "start_ns,end_ns,start_address,end_address,samples,samples_per_mib_s,fast_permille\n";
    for (size_t column = 0; column < grid.columns.size(); ++column)
        for (size_t row = 0; row < grid.rows.size(); ++row) {
            const HeatCell &cell = grid.at(row, column);
            fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{:.3f},{}\n",
                           grid.columns[column].start_ns, grid.columns[column].end_ns,
                           grid.rows[row].start, grid.rows[row].end, cell.samples, cell.density,
                           cell.fast ? fmt::format("{:.0f}", 1000 * *cell.fast) : "");
        }
    return text;
}

}  // namespace sluice
