// SPDX-License-Identifier: GPL-2.0-or-later
// Two kinds of plots, as SVG: bars in groups, and lines over time.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

struct BarGroup {
    std::string label;
    std::vector<std::optional<double>> values;  // one for each series; none: no bar
};

struct BarChart {
    std::string title;
    std::string unit;
    std::vector<std::string> series;
    std::vector<BarGroup> groups;
    std::optional<double> mark;  // a line across
};

struct Line {
    std::string label;
    std::vector<std::pair<double, double>> points;
};

struct LineChart {
    std::string title;
    std::string x_unit;
    std::string y_unit;
    std::optional<double> top;  // of the y axis
    std::vector<Line> lines;
};

std::string to_svg(const BarChart &chart);
std::string to_svg(const LineChart &chart);

// The next of 1, 2, 5 times a power of ten, so that at most `most` steps cover the span.
double round_step(double span, int most);

}  // namespace bench
