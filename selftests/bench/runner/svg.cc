// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/svg.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace bench {

namespace {

constexpr double kWidth = 900, kHeight = 320, kLeft = 70, kRight = 20, kTop = 66, kBottom = 270;

// Okabe and Ito's colours, which people tell apart who see fewer of them.
constexpr std::array<const char *, 9> kColours = {"#999999", "#e69f00", "#56b4e9",
                                                  "#009e73", "#d55e00", "#0072b2",
                                                  "#f0e442", "#cc79a7", "#000000"};

std::string escaped(const std::string &text)
{
    std::string out;
    for (const char c : text)
        out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return out;
}

std::string text_at(double x, double y, const std::string &text, const char *anchor = "start")
{
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y,
                       anchor, escaped(text));
}

std::string line_between(double x1, double y1, double x2, double y2, const char *style)
{
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1,
                       y1, x2, y2, style);
}

std::string begin(const std::string &title)
{
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
        "height=\"{1}\" font-family=\"sans-serif\" font-size=\"12\">\n"
        "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n"
        "<text x=\"{2}\" y=\"20\" font-size=\"14\">{3}</text>\n",
        kWidth, kHeight, kLeft, escaped(title));
}

std::string legend(const std::vector<std::string> &names)
{
    std::string svg;
    double x = kLeft;
    for (size_t i = 0; i < names.size(); i++) {
        svg += fmt::format("<rect x=\"{:.1f}\" y=\"32\" width=\"12\" height=\"12\" fill=\"{}\"/>\n",
                           x, kColours[i % kColours.size()]);
        svg += text_at(x + 16, 43, names[i]);
        x += 30 + 7.0 * static_cast<double>(names[i].size());
    }
    return svg;
}

struct Axis {
    double top = 1, step = 0.2;

    double y(double value) const { return kBottom - (kBottom - kTop) * std::min(value, top) / top; }
};

Axis axis_to(double highest)
{
    Axis axis;
    axis.step = round_step(highest > 0 ? highest : 1, 6);
    axis.top = std::ceil((highest > 0 ? highest : 1) / axis.step - 1e-9) * axis.step;
    return axis;
}

std::string draw(const Axis &axis, const std::string &unit)
{
    std::string svg = text_at(kLeft - 8, kTop - 10, unit, "end");
    for (double value = 0; value <= axis.top * 1.0001; value += axis.step) {
        svg += line_between(kLeft, axis.y(value), kWidth - kRight, axis.y(value),
                            "stroke=\"#dddddd\"");
        svg += text_at(kLeft - 8, axis.y(value) + 4, fmt::format("{:.4g}", value), "end");
    }
    return svg;
}

double highest_of(const BarChart &chart)
{
    double highest = chart.mark.value_or(0);
    for (const BarGroup &group : chart.groups)
        for (const auto &value : group.values)
            highest = std::max(highest, value.value_or(0));
    return highest;
}

std::string bars_of(const BarGroup &group, const Axis &axis, double left, double width)
{
    std::string svg;
    const double each =
        width * 0.85 / static_cast<double>(std::max<size_t>(group.values.size(), 1));
    for (size_t i = 0; i < group.values.size(); i++) {
        if (!group.values[i])
            continue;
        const double top = axis.y(std::max(*group.values[i], 0.0));
        svg += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\">"
            "<title>{:.3g}</title></rect>\n",
            left + width * 0.075 + each * static_cast<double>(i), top, each * 0.92, kBottom - top,
            kColours[i % kColours.size()], *group.values[i]);
    }
    return svg;
}

// Where groups are narrow, every other label is a line lower.
double label_y(size_t group, double width)
{
    constexpr double narrow = 70;
    return kBottom + (width < narrow && group % 2 != 0 ? 34 : 18);
}

std::string x_axis(double last, const std::string &unit)
{
    const double step = round_step(last, 10);
    std::string svg;
    for (double x = 0; x <= last * 1.0001; x += step) {
        const double at = kLeft + (kWidth - kLeft - kRight) * x / last;
        svg += line_between(at, kBottom, at, kBottom + 5, "stroke=\"black\"");
        svg += text_at(at, kBottom + 18, fmt::format("{:.4g}", x), "middle");
    }
    return svg + text_at(kWidth - kRight, kBottom + 36, unit, "end");
}

}  // namespace

double round_step(double span, int most)
{
    const double power = std::pow(10, std::floor(std::log10(span / most)));
    for (const double times : {1.0, 2.0, 5.0})
        if (span / (times * power) <= most)
            return times * power;
    return 10 * power;
}

std::string to_svg(const BarChart &chart)
{
    const Axis axis = axis_to(highest_of(chart));
    std::string svg = begin(chart.title) + legend(chart.series) + draw(axis, chart.unit);
    const double width =
        (kWidth - kLeft - kRight) / static_cast<double>(std::max<size_t>(chart.groups.size(), 1));
    for (size_t i = 0; i < chart.groups.size(); i++) {
        const double left = kLeft + width * static_cast<double>(i);
        svg += bars_of(chart.groups[i], axis, left, width) +
               text_at(left + width / 2, label_y(i, width), chart.groups[i].label, "middle");
    }
    if (chart.mark)
        svg += line_between(kLeft, axis.y(*chart.mark), kWidth - kRight, axis.y(*chart.mark),
                            "stroke=\"black\" stroke-dasharray=\"4 3\"");
    return svg + "</svg>\n";
}

std::string to_svg(const LineChart &chart)
{
    double highest = 0, last = 0;
    std::vector<std::string> names;
    for (const Line &line : chart.lines) {
        names.push_back(line.label);
        for (const auto &[x, y] : line.points) {
            last = std::max(last, x);
            highest = std::max(highest, y);
        }
    }
    last = last > 0 ? last : 1;
    const Axis axis = axis_to(chart.top.value_or(highest));
    std::string svg =
        begin(chart.title) + legend(names) + draw(axis, chart.y_unit) + x_axis(last, chart.x_unit);
    for (size_t i = 0; i < chart.lines.size(); i++) {
        std::string points;
        for (const auto &[x, y] : chart.lines[i].points)
            points += fmt::format("{:.1f},{:.1f} ", kLeft + (kWidth - kLeft - kRight) * x / last,
                                  axis.y(y));
        svg += fmt::format(
            "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" points=\"{}\"/>\n",
            kColours[i % kColours.size()], points);
    }
    return svg + "</svg>\n";
}

}  // namespace bench
