// SPDX-License-Identifier: GPL-2.0-or-later
// A heat map as numbers: time in columns, addresses in rows. Holes between mappings are left out.
#pragma once

#include "trace/recording.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace sluice {

struct HeatOptions {
    unsigned rows = 24;     // about so many: what a terminal has
    unsigned columns = 60;  // at most
    uint64_t from = 0;      // addresses
    uint64_t to = ~uint64_t{0};
};

struct HeatCell {
    uint64_t samples = 0;
    double density = 0;          // samples per MiB of addresses and second
    std::optional<double> fast;  // part of what is resident; nothing: nothing is resident
};

struct HeatRow {
    uint64_t start;
    uint64_t end;
    bool after_hole;  // the row before ends at another address
};

struct HeatColumn {
    uint64_t start_ns;  // since the start of the recording
    uint64_t end_ns;
    uint64_t epochs;
};

struct HeatGrid {
    std::vector<HeatRow> rows;
    std::vector<HeatColumn> columns;
    std::vector<HeatCell> cells;  // row by row
    double hottest = 0;           // density of the hottest cell
    uint64_t row_bytes = 0;
    uint64_t shown_bytes = 0;    // addresses
    uint64_t virtual_bytes = 0;  // of the process, when it was first seen; 0: not known
    uint64_t samples = 0;        // in the picture
    uint64_t all_samples = 0;    // in the recording of this process

    const HeatCell &at(size_t row, size_t column) const
    {
        return cells[row * columns.size() + column];
    }
    // 0: no sample; 1 to 9: each twice as dense as the one before, 9 the hottest.
    unsigned level(const HeatCell &cell) const;
};

constexpr unsigned heat_levels = 9;

HeatGrid make_heat_grid(const trace::ProcessRecord &process, uint64_t start_ns,
                        const HeatOptions &options);

}  // namespace sluice
