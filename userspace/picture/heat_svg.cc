// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture/heat_svg.h"

#include "cli/units.h"
#include "picture/axis.h"
#include "picture/tier_outline.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace sluice {

namespace {

// From dark to bright, equally far apart for every kind of colour vision (viridis).
constexpr std::array colours = {"#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c",
                                "#28ae80", "#5ec962", "#addc30", "#fde725"};

constexpr double left = 132, top = 64, right = 24, width = 960, cell_most = 22;
constexpr double hole_gap = 8, below = 112;
constexpr double overlap = 0.4;  // so that no seam shows where a row ends within a pixel
constexpr int ticks_most = 10;

using Out = std::back_insert_iterator<std::string>;

// Runs of equal cells become one rectangle.
template <class Class>
void draw_cells(const HeatGrid &grid, const HeatLayout &layout, Class class_of, Out out)
{
    for (size_t row = 0; row < grid.rows.size(); ++row)
        for (size_t column = 0, next; column < grid.columns.size(); column = next) {
            const std::string name = class_of(grid.at(row, column));
            for (next = column + 1; next < grid.columns.size(); ++next)
                if (class_of(grid.at(row, next)) != name)
                    break;
            if (!name.empty())
                fmt::format_to(out,
                               "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                               "height=\"{:.1f}\"/>\n",
                               name, layout.x[column], layout.y[row],
                               layout.x[next] - layout.x[column], layout.row_height + overlap);
        }
}

void draw_addresses(const HeatGrid &grid, const HeatLayout &layout, Out out)
{
    const double bottom = layout.y.back();
    double last = -100;
    // The end, where the next row would be.
    if (!grid.rows.empty())
        fmt::format_to(out, "<text class=\"axis end\" x=\"{}\" y=\"{:.1f}\">0x{:x}</text>\n",
                       left - 6, bottom, grid.rows.back().end);
    for (size_t row = 0; row < grid.rows.size(); ++row) {
        const bool must = row == 0 || grid.rows[row].after_hole;
        if (layout.y[row] - last < (must ? 10 : 40) || bottom - layout.y[row] < 20)
            continue;
        last = layout.y[row];
        fmt::format_to(out, "<text class=\"axis end\" x=\"{}\" y=\"{:.1f}\">0x{:x}</text>\n",
                       left - 6, last + 9, grid.rows[row].start);
        if (grid.rows[row].after_hole)
            fmt::format_to(out,
                           "<line class=\"hole\" x1=\"{0}\" y1=\"{1:.1f}\" x2=\"{2}\" "
                           "y2=\"{1:.1f}\"/>\n",
                           left, last - hole_gap / 2, width - right);
    }
    fmt::format_to(out, "<text class=\"axis\" x=\"8\" y=\"{}\">address ({} a row)</text>\n",
                   top - 8, human_bytes(grid.row_bytes));
}

void draw_times(const HeatGrid &grid, double bottom, Out out)
{
    if (grid.columns.empty())
        return;
    const double first = double(grid.columns.front().start_ns) / 1e9;
    const double seconds = std::max(1e-9, double(grid.columns.back().end_ns) / 1e9 - first);
    const double step = round_step(seconds, ticks_most), from = std::ceil(first / step);
    for (int i = 0; i <= ticks_most && (from + i) * step <= first + seconds; ++i) {
        const double time = (from + i) * step;
        fmt::format_to(out,
                       "<line class=\"tick\" x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" "
                       "y2=\"{2:.1f}\"/><text class=\"axis mid\" x=\"{0:.1f}\" y=\"{3:.1f}\">"
                       "{4:.4g}</text>\n",
                       left + (width - left - right) * (time - first) / seconds, bottom, bottom + 5,
                       bottom + 18, time);
    }
    fmt::format_to(out,
                   "<text class=\"axis mid\" x=\"{:.1f}\" y=\"{:.1f}\">time, seconds since the "
                   "start of the recording</text>\n",
                   (left + width - right) / 2, bottom + 36);
}

void draw_swatch(double x, double y, const char *name, const char *text, Out out)
{
    for (const char *part : {name, "rim"})
        fmt::format_to(out, "<rect class=\"{}\" x=\"{}\" y=\"{:.1f}\" width=\"24\" height=\"12\"/>",
                       part, x, y);
    fmt::format_to(out, "<text class=\"axis\" x=\"{}\" y=\"{:.1f}\">{}</text>\n", x + 30, y + 10,
                   text);
}

void draw_legend(const HeatGrid &grid, double y, Out out)
{
    const double step = 44;
    fmt::format_to(out,
                   "<text class=\"axis end\" x=\"{}\" y=\"{:.1f}\">samples per MiB</text>\n"
                   "<text class=\"axis end\" x=\"{}\" y=\"{:.1f}\">and second, up to</text>\n",
                   left - 6, y + 10, left - 6, y + 25);
    for (unsigned level = 1; level <= heat_levels; ++level) {
        const double x = left + (level - 1) * step;
        fmt::format_to(out,
                       "<rect class=\"h{0}\" x=\"{1}\" y=\"{2:.1f}\" width=\"{3}\" height=\"12\"/>"
                       "<text class=\"axis end\" x=\"{4}\" y=\"{5:.1f}\">{6:.3g}</text>\n",
                       level, x, y, step, x + step, y + 25,
                       grid.hottest / double(1u << (heat_levels - level)));
    }
    const double x = left + heat_levels * step + 28;
    draw_swatch(x, y, "fast", "most of it in the fast tier", out);
    draw_swatch(x, y + 18, "h0", "no sample", out);
    draw_swatch(x + 190, y, "none", "not in memory, no sample", out);
}

// An epoch of an idle process is longer than others, and is as wide.
std::vector<double> column_edges(const HeatGrid &grid)
{
    std::vector<double> edges = {left};
    const double first = grid.columns.empty() ? 0 : double(grid.columns.front().start_ns);
    for (const HeatColumn &column : grid.columns)
        edges.push_back(left + (width - left - right) * (double(column.end_ns) - first) /
                                   std::max(1.0, double(grid.columns.back().end_ns) - first));
    return edges;
}

}  // namespace

HeatLayout lay_out(const HeatGrid &grid)
{
    HeatLayout layout;
    layout.x = column_edges(grid);
    layout.row_height =
        std::clamp(420.0 / std::max<double>(1, double(grid.rows.size())), 3.0, cell_most);
    double y = top;
    for (const HeatRow &row : grid.rows) {
        y += row.after_hole ? hole_gap : 0;
        layout.y.push_back(y);
        y += layout.row_height;
    }
    layout.y.push_back(y);
    return layout;
}

std::string xml_text(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML knows no other control characters.
                out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
        }
    }
    return out;
}

std::string heat_style()
{
    std::string css =
        ".heat text{font:12px sans-serif;fill:#222}.heat .axis{font-size:11px}"
        ".heat .end{text-anchor:end}.heat .mid{text-anchor:middle}"
        ".heat .head{font-size:15px;font-weight:bold}"
        ".heat .tick{stroke:#666}.heat .hole{stroke:#888;stroke-dasharray:2 4}"
        ".heat .ground{fill:#fff}.heat .h0{fill:#e4e1ea}.heat .none{fill:#fff}"
        ".heat .fast{fill:url(#hatch)}.heat .hatch{stroke:#fff;stroke-width:1;opacity:.75}"
        ".heat .shade{stroke:#000;stroke-width:1;opacity:.55}"
        ".heat .halo{fill:none;stroke:#fff;stroke-width:3}.heat .rim{fill:none;stroke:#000}";
    for (size_t i = 0; i < colours.size(); ++i)
        css += fmt::format(".heat .h{}{{fill:{}}}", i + 1, colours[i]);
    return css +
           "@media (prefers-color-scheme:dark){.heat text{fill:#ddd}.heat .ground{fill:#16161c}"
           ".heat .h0{fill:#26242e}.heat .none{fill:#16161c}}";
}

std::string heat_svg(const HeatGrid &grid, const HeatCaption &caption, bool alone)
{
    const HeatLayout layout = lay_out(grid);
    const double height = layout.y.back() + below;
    std::string svg;
    Out out(svg);
    fmt::format_to(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"heat\" viewBox=\"0 0 {0} "
                   "{1:.0f}\" width=\"{0}\" height=\"{1:.0f}\" role=\"img\" "
                   "aria-labelledby=\"heat-title heat-text\">\n",
                   width, height);
    fmt::format_to(out, "<title id=\"heat-title\">{}</title>\n<desc id=\"heat-text\">{}</desc>\n",
                   xml_text(caption.title), xml_text(coverage_text(grid)));
    if (alone)
        fmt::format_to(out, "<style>{}</style>\n", heat_style());
    fmt::format_to(
        out,
        "<defs><pattern id=\"hatch\" width=\"9\" height=\"9\" "
        "patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">"
        "<path class=\"hatch\" d=\"M1 0V9\"/><path class=\"shade\" d=\"M2 0V9\"/></pattern>"
        "</defs>\n"
        "<rect class=\"ground\" width=\"{}\" height=\"{:.0f}\"/>\n"
        "<text class=\"head\" x=\"8\" y=\"20\">{}</text>\n"
        "<text class=\"axis\" x=\"8\" y=\"38\">{}</text>\n",
        width, height, xml_text(caption.title), xml_text(coverage_text(grid)));
    svg += "<g shape-rendering=\"crispEdges\">\n";
    draw_cells(
        grid, layout,
        [&](const HeatCell &cell) {
            return !cell.fast && cell.samples == 0 ? "none" : fmt::format("h{}", grid.level(cell));
        },
        out);
    svg += "</g>\n";
    draw_cells(
        grid, layout, [](const HeatCell &cell) { return std::string(is_fast(cell) ? "fast" : ""); },
        out);
    const std::string outline = tier_outline(grid, layout);
    fmt::format_to(out, "<path class=\"halo\" d=\"{0}\"/><path class=\"rim\" d=\"{0}\"/>\n",
                   outline);
    draw_addresses(grid, layout, out);
    draw_times(grid, layout.y.back(), out);
    draw_legend(grid, layout.y.back() + 54, out);
    return svg + "</svg>\n";
}

}  // namespace sluice
