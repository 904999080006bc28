// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture/chart_svg.h"

#include "picture/axis.h"
#include "picture/heat_svg.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <iterator>

namespace sluice {

namespace {

constexpr double left = 132, right = 24, width = 960, top = 30, bottom = 150, height = 196;

using Out = std::back_insert_iterator<std::string>;

struct Scale {
    double highest, lowest;  // of the values: multiples of `step`
    double step;
    uint64_t last_ns;

    double x(double time_ns) const
    {
        return left + (width - left - right) * time_ns / double(std::max<uint64_t>(last_ns, 1));
    }
    double y(double value) const
    {
        return bottom - (bottom - top) * (value - lowest) / std::max(highest - lowest, 1e-12);
    }
};

Scale scale_of(const Chart &chart)
{
    Scale scale{0, 0, 1, chart.times_ns.empty() ? 1 : chart.times_ns.back()};
    for (size_t i = 0; i < chart.series.size(); ++i)
        for (const auto &value : chart.series[i].values)
            if (chart.bars && i == 1)
                scale.lowest = std::min(scale.lowest, -value.value_or(0));
            else
                scale.highest = std::max(scale.highest, value.value_or(0));
    if (chart.top)
        scale.highest = *chart.top;
    if (scale.highest == scale.lowest)
        scale.highest = 1;
    scale.step = round_step(scale.highest - scale.lowest, 4);
    scale.highest = std::ceil(scale.highest / scale.step - 1e-9) * scale.step;
    scale.lowest = std::floor(scale.lowest / scale.step + 1e-9) * scale.step;
    return scale;
}

void draw_line(const Chart &chart, size_t index, const Scale &scale, Out out)
{
    const ChartSeries &series = chart.series[index];
    std::string path;
    bool down = false;
    for (size_t i = 0; i < series.values.size(); ++i) {
        if (series.values[i])
            path += fmt::format("{}{:.1f} {:.1f}", down ? "L" : "M",
                                scale.x(double(chart.times_ns[i])), scale.y(*series.values[i]));
        down = series.values[i].has_value();
    }
    fmt::format_to(out, "<path class=\"s{}\" d=\"{}\"/>\n", index, path);
}

void draw_bars(const Chart &chart, size_t index, const Scale &scale, Out out)
{
    const ChartSeries &series = chart.series[index];
    const double bar = std::clamp(
        (width - left - right) / std::max<double>(1, double(series.values.size())) - 1, 1.0, 12.0);
    for (size_t i = 0; i < series.values.size(); ++i) {
        const double value = (index == 1 ? -1 : 1) * series.values[i].value_or(0);
        if (value == 0)
            continue;
        const double y = std::min(scale.y(value), scale.y(0));
        fmt::format_to(out,
                       "<rect class=\"b{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" "
                       "height=\"{:.1f}\"/>\n",
                       index, scale.x(double(chart.times_ns[i])) - bar / 2, y, bar,
                       std::abs(scale.y(value) - scale.y(0)));
    }
}

void draw_frame(const Chart &chart, const Scale &scale, Out out)
{
    const long lines = std::lround((scale.highest - scale.lowest) / scale.step);
    for (long i = 0; i <= lines; ++i) {
        const double value = scale.lowest + double(i) * scale.step;
        fmt::format_to(out,
                       "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
                       "<text class=\"end\" x=\"{3}\" y=\"{4:.1f}\">{5:.4g}</text>\n",
                       left, width - right, scale.y(value), left - 6, scale.y(value) + 4,
                       std::abs(value) < scale.step / 2 ? 0 : std::abs(value));
    }
    const double seconds = double(scale.last_ns) / 1e9, second_step = round_step(seconds, 10);
    for (long i = 0; double(i) * second_step <= seconds; ++i) {
        const double time = double(i) * second_step;
        fmt::format_to(out, "<text class=\"mid\" x=\"{:.1f}\" y=\"{}\">{:.4g}</text>\n",
                       scale.x(time * 1e9), bottom + 16, time);
    }
    double x = left;
    for (size_t i = 0; i < chart.series.size(); ++i) {
        if (chart.bars)
            fmt::format_to(out, "<rect class=\"b{}\" x=\"{}\" y=\"{}\" width=\"24\" height=\"8\"/>",
                           i, x, height - 16);
        else
            fmt::format_to(out, "<path class=\"s{}\" d=\"M{} {}h24\"/>", i, x, height - 12);
        fmt::format_to(out, "<text x=\"{}\" y=\"{}\">{}</text>\n", x + 30, height - 8,
                       xml_text(chart.series[i].name));
        x += 60 + 7 * double(chart.series[i].name.size());
    }
}

}  // namespace

std::string chart_style()
{
    return ".chart text{font:11px sans-serif;fill:#222}.chart .head{font-size:15px;"
           "font-weight:bold}.chart .end{text-anchor:end}.chart .mid{text-anchor:middle}"
           ".chart .grid{stroke:#ccc}.chart path{fill:none;stroke-width:2}"
           ".chart .s0{stroke:#0b5fa5}.chart .s1{stroke:#b35900;stroke-dasharray:6 3}"
           ".chart .s2{stroke:#555;stroke-dasharray:2 3}"
           ".chart .b0{fill:#0b5fa5}.chart .b1{fill:#b35900}"
           "@media (prefers-color-scheme:dark){.chart text{fill:#ddd}.chart .grid{stroke:#444}"
           ".chart .s0{stroke:#6cb6ff}.chart .s1{stroke:#ffb454}.chart .s2{stroke:#aaa}"
           ".chart .b0{fill:#6cb6ff}.chart .b1{fill:#ffb454}}";
}

std::string chart_svg(const Chart &chart)
{
    const Scale scale = scale_of(chart);
    std::string svg;
    Out out(svg);
    fmt::format_to(out,
                   "<svg class=\"chart\" id=\"{0}\" viewBox=\"0 0 {1} {2}\" role=\"img\" "
                   "aria-label=\"{3}\">\n<text class=\"head\" x=\"8\" y=\"18\">{3}</text>\n",
                   chart.id, width, height, xml_text(chart.title));
    draw_frame(chart, scale, out);
    for (size_t i = 0; i < chart.series.size(); ++i)
        if (chart.bars)
            draw_bars(chart, i, scale, out);
        else
            draw_line(chart, i, scale, out);
    return svg + "</svg>\n";
}

}  // namespace sluice
