// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture/heat_grid.h"

#include <algorithm>
#include <cmath>

namespace sluice {

namespace {

constexpr uint64_t page = 4096;

struct Segment {
    uint64_t start;
    uint64_t end;
};

// All addresses that were in a range at any time, within the options' bounds.
std::vector<Segment> segments_of(const trace::ProcessRecord &process, const HeatOptions &options)
{
    std::vector<Segment> all;
    for (const trace::EpochRecord &epoch : process.epochs)
        for (const trace::Range &range : epoch.ranges) {
            const Segment part{std::max(range.start, options.from),
                               std::min(range.end, options.to)};
            if (part.start < part.end)
                all.push_back(part);
        }
    std::ranges::sort(all, {}, &Segment::start);
    std::vector<Segment> joined;
    for (const Segment &segment : all) {
        if (!joined.empty() && segment.start <= joined.back().end)
            joined.back().end = std::max(joined.back().end, segment.end);
        else
            joined.push_back(segment);
    }
    return joined;
}

// Rows of equal size, but for the last of each segment; a hole of less than a row stays in.
std::vector<HeatRow> rows_of(const std::vector<Segment> &segments, uint64_t row_bytes)
{
    std::vector<HeatRow> rows;
    for (size_t i = 0; i < segments.size();) {
        Segment whole = segments[i++];
        while (i < segments.size() && segments[i].start - whole.end < row_bytes)
            whole.end = segments[i++].end;
        bool first = !rows.empty();
        for (uint64_t at = whole.start; at < whole.end; first = false) {
            const uint64_t end = whole.end - at > row_bytes ? at + row_bytes : whole.end;
            rows.push_back({at, end, first});
            at = end;
        }
    }
    return rows;
}

void lay_out_rows(HeatGrid &grid, const std::vector<Segment> &segments, unsigned wanted)
{
    for (const Segment &segment : segments)
        grid.shown_bytes += segment.end - segment.start;
    grid.row_bytes = std::max((grid.shown_bytes / std::max(wanted, 1u) + page) / page * page, page);
    grid.rows = rows_of(segments, grid.row_bytes);
    // Many small segments take a row each: larger rows swallow the holes between them.
    while (grid.rows.size() > size_t{2} * wanted && grid.row_bytes < uint64_t{1} << 46) {
        grid.row_bytes *= 2;
        grid.rows = rows_of(segments, grid.row_bytes);
    }
}

// Each column has the same number of epochs, but for the last.
void lay_out_columns(HeatGrid &grid, const trace::ProcessRecord &process, uint64_t start_ns,
                     unsigned most)
{
    const size_t nr = process.epochs.size();
    const size_t each = (nr + most - 1) / std::max<size_t>(most, 1);
    uint64_t from = start_ns;
    for (size_t i = 0; i < nr; i += each) {
        const size_t last = std::min(i + each, nr) - 1;
        const uint64_t to = std::max(process.epochs[last].time_ns, from + 1);
        grid.columns.push_back({from - start_ns, to - start_ns, last - i + 1});
        from = to;
    }
}

void count_samples(HeatGrid &grid, const trace::EpochRecord &epoch, size_t column)
{
    for (const uint64_t address : epoch.samples) {
        auto row = std::ranges::upper_bound(grid.rows, address, {}, &HeatRow::start);
        ++grid.all_samples;
        if (row == grid.rows.begin() || std::prev(row)->end <= address)
            continue;
        const auto at = static_cast<size_t>(std::prev(row) - grid.rows.begin());
        ++grid.cells[at * grid.columns.size() + column].samples;
        ++grid.samples;
    }
}

// Where the pages of each row are; a range is taken to be even inside.
void see_tiers(HeatGrid &grid, const trace::EpochRecord &epoch, size_t column)
{
    for (size_t i = 0; i < grid.rows.size(); ++i) {
        const HeatRow &row = grid.rows[i];
        double resident = 0, fast = 0;
        auto range = std::ranges::upper_bound(epoch.ranges, row.start, {}, &trace::Range::end);
        for (; range != epoch.ranges.end() && range->start < row.end; ++range) {
            const uint64_t from = std::max(row.start, range->start),
                           to = std::min(row.end, range->end);
            const double part =
                static_cast<double>(to - from) / static_cast<double>(range->end - range->start);
            resident += part * static_cast<double>(range->resident_pages);
            fast += part * static_cast<double>(range->fast_pages);
        }
        auto &cell = grid.cells[i * grid.columns.size() + column];
        if (resident >= 1)
            cell.fast = std::min(1.0, fast / resident);
        else
            cell.fast.reset();
    }
}

void weigh_cells(HeatGrid &grid)
{
    for (size_t row = 0; row < grid.rows.size(); ++row)
        for (size_t column = 0; column < grid.columns.size(); ++column) {
            HeatCell &cell = grid.cells[row * grid.columns.size() + column];
            const double mib =
                static_cast<double>(grid.rows[row].end - grid.rows[row].start) / 1048576;
            const double seconds =
                static_cast<double>(grid.columns[column].end_ns - grid.columns[column].start_ns) /
                1e9;
            cell.density = static_cast<double>(cell.samples) / mib / seconds;
            grid.hottest = std::max(grid.hottest, cell.density);
        }
}

}  // namespace

unsigned HeatGrid::level(const HeatCell &cell) const
{
    if (cell.samples == 0 || hottest <= 0)
        return 0;
    const double halvings = std::floor(std::log2(hottest / cell.density));
    return halvings >= heat_levels ? 1 : heat_levels - static_cast<unsigned>(halvings);
}

HeatGrid make_heat_grid(const trace::ProcessRecord &process, uint64_t start_ns,
                        const HeatOptions &options)
{
    HeatGrid grid;
    grid.virtual_bytes = process.about.virtual_bytes;
    lay_out_rows(grid, segments_of(process, options), options.rows);
    lay_out_columns(grid, process, start_ns, options.columns);
    grid.cells.resize(grid.rows.size() * grid.columns.size());
    size_t epoch = 0;
    for (size_t column = 0; column < grid.columns.size(); ++column)
        for (uint64_t i = 0; i < grid.columns[column].epochs; ++i, ++epoch) {
            count_samples(grid, process.epochs[epoch], column);
            if (!process.epochs[epoch].ranges.empty())
                see_tiers(grid, process.epochs[epoch], column);
        }
    weigh_cells(grid);
    return grid;
}

}  // namespace sluice
