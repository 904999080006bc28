// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/picture.h"

#include "cli/units.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <string_view>

namespace sluice {

namespace {

constexpr std::string_view shades = ".:-=+*#%@";  // each is twice as dense as the one before
constexpr uint64_t smallest_cell = 64 << 10;

// What the ranges tell of the addresses of one cell.
struct Cell {
    double samples = 0;
    double resident = 0;
    double fast = 0;

    double density() const { return resident < 1 ? 0 : samples / resident; }
};

// Ranges that touch each other, or leave less than one row between them.
struct Segment {
    uint64_t start;
    uint64_t end;
};

std::vector<Segment> segments_of(const std::vector<Range> &ranges, uint64_t largest_gap)
{
    std::vector<Segment> segments;
    for (const Range &range : ranges) {
        if (!segments.empty() && range.start - segments.back().end < largest_gap)
            segments.back().end = range.end;
        else
            segments.push_back({range.start, range.end});
    }
    return segments;
}

// A range is taken to be even inside: that is what a range means.
Cell cell_at(const std::vector<Range> &ranges, uint64_t start, uint64_t end)
{
    Cell cell;
    for (const Range &range : ranges) {
        const uint64_t from = std::max(start, range.start);
        const uint64_t to = std::min(end, range.end);
        if (from >= to)
            continue;
        const double part = static_cast<double>(to - from) / static_cast<double>(range.size());
        cell.samples += part * static_cast<double>(range.count_milli);
        cell.resident += part * static_cast<double>(range.resident_bytes);
        cell.fast += part * static_cast<double>(range.fast_bytes);
    }
    return cell;
}

double densest_of(const std::vector<Range> &ranges)
{
    double densest = 0;
    for (const Range &range : ranges)
        if (range.resident_bytes != 0)
            densest = std::max(densest, static_cast<double>(range.count_milli) /
                                            static_cast<double>(range.resident_bytes));
    return densest;
}

void draw_segment(const std::vector<Range> &ranges, const Segment &segment, uint64_t cell_size,
                  unsigned columns, std::string &out)
{
    const double densest = densest_of(ranges);
    for (uint64_t row = segment.start; row < segment.end; row += cell_size * columns) {
        std::string density, tier;
        for (unsigned column = 0; column < columns; ++column) {
            const uint64_t start = row + column * cell_size;
            if (start >= segment.end)
                break;
            const uint64_t end = std::min(start + cell_size, segment.end);
            const Cell cell = cell_at(ranges, start, end);
            const bool empty = cell.resident * 16 < static_cast<double>(end - start);
            density += empty ? ' ' : density_mark(cell.density(), densest);
            tier += empty ? ' ' : tier_mark(uint64_t(cell.fast), uint64_t(cell.resident));
        }
        out += fmt::format("{:>12x} density |{}|\n{:12} tier    |{}|\n", row, density, "", tier);
    }
}

}  // namespace

char density_mark(double density, double densest)
{
    if (density <= 0 || densest <= 0)
        return shades.front();
    const double halvings = std::log2(densest / density);
    const auto down = static_cast<size_t>(std::max(0.0, std::round(halvings)));
    const size_t last = shades.size() - 1;
    return down >= last ? shades[1] : shades[last - down];
}

char tier_mark(uint64_t fast_bytes, uint64_t resident_bytes)
{
    if (fast_bytes * 10 >= resident_bytes * 9)
        return 'F';
    return fast_bytes * 10 <= resident_bytes ? 's' : '/';
}

uint64_t cell_bytes(const std::vector<Range> &ranges, PictureSize size)
{
    uint64_t cell = smallest_cell;
    const auto rows_needed = [&] {
        const uint64_t row = cell * size.columns;
        uint64_t rows = 0;
        for (const Segment &segment : segments_of(ranges, row))
            rows += (segment.end - segment.start + row - 1) / row;
        return rows;
    };
    while (rows_needed() > size.rows && cell < (uint64_t{1} << 40))
        cell *= 2;
    return cell;
}

std::string draw_ranges(const std::vector<Range> &ranges, PictureSize size)
{
    std::string out;
    const uint64_t cell = cell_bytes(ranges, size);
    uint64_t previous_end = 0;
    for (const Segment &segment : segments_of(ranges, cell * size.columns)) {
        if (previous_end != 0)
            out += fmt::format(
                "{:>12} {}\n", "...",
                human_bytes(segment.start - previous_end) + " of addresses without ranges");
        draw_segment(ranges, segment, cell, size.columns, out);
        previous_end = segment.end;
    }
    return out;
}

}  // namespace sluice
