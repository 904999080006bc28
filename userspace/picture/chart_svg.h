// SPDX-License-Identifier: GPL-2.0-or-later
// Values over time as a small SVG: lines or bars, told apart by dashes and shape, not by colour
// alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct ChartSeries {
    std::string name;
    std::vector<std::optional<double>> values;  // one per time; nothing: a gap
};

struct Chart {
    std::string id;             // of the element, for scripts and tests
    std::string title;          // with the unit
    bool bars = false;          // the second series downwards
    std::optional<double> top;  // of the axis; nothing: the largest value
    std::vector<uint64_t> times_ns;
    std::vector<ChartSeries> series;
};

std::string chart_style();
std::string chart_svg(const Chart &chart);

}  // namespace sluice
