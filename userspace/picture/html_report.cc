// SPDX-License-Identifier: GPL-2.0-or-later
#include "picture/html_report.h"

#include "cli/units.h"
#include "picture/chart_svg.h"
#include "picture/heat_svg.h"
#include "picture/html_assets.h"
#include "trace/describe.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

using nlohmann::json;
using trace::ProcessFigures;
using Out = std::back_insert_iterator<std::string>;

constexpr size_t most_ranges = 40;

// Numbers alone: it stands inside a script element, which no text of others may end.
json heat_json(const HeatGrid &grid)
{
    const HeatLayout layout = lay_out(grid);
    json rows = json::array(), columns = json::array(), samples = json::array(),
         density = json::array(), fast = json::array();
    for (size_t i = 0; i < grid.rows.size(); ++i)
        rows.push_back({{"start", fmt::format("0x{:x}", grid.rows[i].start)},
                        {"end", fmt::format("0x{:x}", grid.rows[i].end)},
                        {"bytes", grid.rows[i].end - grid.rows[i].start},
                        {"y", layout.y[i]},
                        {"height", layout.row_height}});
    for (size_t i = 0; i < grid.columns.size(); ++i)
        columns.push_back({{"start_s", double(grid.columns[i].start_ns) / 1e9},
                           {"end_s", double(grid.columns[i].end_ns) / 1e9},
                           {"x", layout.x[i]},
                           {"width", layout.x[i + 1] - layout.x[i]}});
    for (const HeatCell &cell : grid.cells) {
        samples.push_back(cell.samples);
        density.push_back(std::round(cell.density * 1000) / 1000);
        fast.push_back(cell.fast ? json(std::lround(1000 * *cell.fast)) : json());
    }
    return {{"rows", rows},
            {"columns", columns},
            {"samples", samples},
            {"density", density},
            {"fast_permille", fast}};
}

void figure(Out out, const char *name, const std::string &value)
{
    fmt::format_to(out, "<div><dt>{}</dt><dd>{}</dd></div>\n", name, xml_text(value));
}

void put_figures(const ProcessFigures &figures, Out out)
{
    const auto &last = end_of(figures);
    fmt::format_to(out, "<dl class=\"figures\">\n");
    figure(out, "hit ratio of the fast tier (estimate)",
           figures.mean_hit_ratio ? fmt::format("{:.1f} %", 100 * *figures.mean_hit_ratio) : "-");
    figure(out, "working set, 90 % of samples", human_bytes(last.working_set_bytes));
    figure(out, "in memory, at the end", human_bytes(last.resident_bytes));
    figure(out, "of it fast",
           fmt::format("{} ({:.0f} %)", human_bytes(last.fast_bytes),
                       percent(double(last.fast_bytes), double(last.resident_bytes))));
    figure(out, "promoted", human_bytes(figures.promoted_bytes));
    figure(out, "demoted", human_bytes(figures.demoted_bytes));
    figure(out, "up and down again", human_bytes(figures.ping_pong_bytes));
    figure(out, "samples", std::to_string(figures.samples));
    figure(out, "samples dropped", std::to_string(figures.dropped + figures.out_of_range));
    fmt::format_to(out, "</dl>\n");
}

std::vector<uint64_t> times_of(const ProcessFigures &figures, uint64_t start_ns)
{
    std::vector<uint64_t> times;
    for (const auto &epoch : figures.epochs)
        times.push_back(epoch.time_ns - std::min(epoch.time_ns, start_ns));
    return times;
}

template <class Value>
ChartSeries series_of(const ProcessFigures &figures, const char *name, Value value)
{
    ChartSeries series{name, {}};
    for (const auto &epoch : figures.epochs)
        series.values.push_back(value(epoch));
    return series;
}

void put_charts(const ProcessFigures &figures, uint64_t start_ns, Out out)
{
    using trace::EpochFigures;
    const auto mib = [](uint64_t bytes) { return std::optional(double(bytes) / 1048576); };
    const auto times = times_of(figures, start_ns);
    std::string text;
    text += chart_svg({"hit-ratio",
                       "hit ratio of the fast tier, % of samples",
                       false,
                       100.0,
                       times,
                       {series_of(figures, "hit ratio", [](const EpochFigures &e) {
                           return e.hit_ratio ? std::optional(100 * *e.hit_ratio) : std::nullopt;
                       })}});
    text += chart_svg({"migrations",
                       "moved per epoch, MiB: up above, down below",
                       true,
                       {},
                       times,
                       {series_of(figures, "promoted",
                                  [&](const EpochFigures &e) { return mib(e.promoted_bytes); }),
                        series_of(figures, "demoted",
                                  [&](const EpochFigures &e) { return mib(e.demoted_bytes); })}});
    text += chart_svg(
        {"sizes",
         "memory, MiB",
         false,
         {},
         times,
         {series_of(figures, "working set",
                    [&](const EpochFigures &e) { return mib(e.working_set_bytes); }),
          series_of(figures, "fast", [&](const EpochFigures &e) { return mib(e.fast_bytes); }),
          series_of(figures, "in memory",
                    [&](const EpochFigures &e) { return mib(e.resident_bytes); })}});
    text += chart_svg(
        {"samples",
         "samples per epoch",
         false,
         {},
         times,
         {series_of(figures, "classified",
                    [](const EpochFigures &e) { return std::optional(double(e.samples)); }),
          series_of(figures, "dropped or out of range", [](const EpochFigures &e) {
              return std::optional(double(e.dropped + e.out_of_range));
          })}});
    std::copy(text.begin(), text.end(), out);
}

void put_ranking(const ProcessFigures &figures, uint64_t page_bytes, Out out)
{
    const double densest =
        figures.ranges.empty() ? 0 : density_of(figures.ranges.front(), page_bytes);
    fmt::format_to(out,
                   "<div class=\"scroll\"><table id=\"ranking\"><caption>{} of {} ranges, densest "
                   "first, at the end; density in samples per MiB in memory (decayed: about "
                   "four epochs' worth)</caption>\n<thead><tr><th>addresses</th><th>size</th>"
                   "<th>density</th><th aria-hidden=\"true\"></th><th>age, epochs</th><th>in "
                   "memory</th><th>fast</th><th>wanted</th></tr></thead>\n<tbody>\n",
                   std::min(figures.ranges.size(), most_ranges), figures.ranges.size());
    for (size_t i = 0; i < std::min(figures.ranges.size(), most_ranges); ++i) {
        const trace::Range &range = figures.ranges[i];
        const double density = density_of(range, page_bytes);
        fmt::format_to(
            out,
            "<tr><td>0x{:x}-0x{:x}</td><td>{}</td><td>{:.3f}</td><td aria-hidden=\"true\" "
            "style=\"text-align:left;width:6rem\"><span class=\"bar\" style=\"width:{:.0f}%\">"
            "</span></td><td>{}</td><td>{}</td><td>{:.0f} %</td><td>{}</td></tr>\n",
            range.start, range.end, human_bytes(range.end - range.start), density,
            densest > 0 ? 100 * density / densest : 0, range.age,
            human_bytes(range.resident_pages * page_bytes),
            percent(double(range.fast_pages), double(range.resident_pages)),
            range.tier == 0 ? "fast" : "slow");
    }
    fmt::format_to(out, "</tbody></table></div>\n");
}

void put_losses(const trace::Recording &recording, const ProcessFigures &figures, Out out)
{
    fmt::format_to(out,
                   "<table id=\"drops\"><tbody>\n<tr><td>samples dropped before classification"
                   "</td><td>{}</td></tr>\n<tr><td>samples outside of any range</td><td>{}</td>"
                   "</tr>\n<tr><td>trace events lost by the recorder</td><td>{}</td></tr>\n",
                   figures.dropped, figures.out_of_range, recording.lost);
    for (const auto &[reason, pages] : figures.refused_pages)
        fmt::format_to(out, "<tr><td>pages refused: {}</td><td>{}</td></tr>\n", xml_text(reason),
                       pages);
    for (const auto &[cause, number] : recording.drains)
        fmt::format_to(out, "<tr><td>buffers drained: {}</td><td>{}</td></tr>\n",
                       xml_text(recording.summary.info.word("drain.cause", cause)), number);
    fmt::format_to(out, "</tbody></table>\n");
}

void put_head(const std::string &title, Out out)
{
    fmt::format_to(out,
                   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                   "<title>{}</title>\n<style>{}{}{}</style>\n</head>\n<body>\n<main>\n",
                   xml_text(title), html_style, heat_style(), chart_style());
}

void put_heat(const HeatGrid &grid, const HeatCaption &caption, Out out)
{
    fmt::format_to(out,
                   "<section><h2>Heat over time</h2>\n<p>Bright is hot, hatched is in the fast "
                   "tier. Go through it with the arrow keys; Enter jumps to the hottest cell.</p>\n"
                   "<div id=\"map\" tabindex=\"0\" role=\"application\" aria-label=\"heat map; "
                   "arrow keys move from cell to cell\" aria-describedby=\"readout\">\n{}</div>\n"
                   "<p id=\"readout\" role=\"status\" aria-live=\"polite\"></p></section>\n",
                   heat_svg(grid, caption, false));
}

}  // namespace

std::string html_report(const trace::Recording &recording, const trace::ProcessRecord &process)
{
    const trace::Info &info = recording.summary.info;
    const ProcessFigures figures = figures_of(process, info);
    HeatOptions options;
    options.rows = 40;
    options.columns = 100;
    const HeatGrid grid = make_heat_grid(process, recording.first_ns, options);
    const std::string title = trace::title_of(recording, process);
    std::string page;
    Out out(page);
    put_head(title, out);
    fmt::format_to(out, "<h1>{}</h1>\n<p>{}</p>\n", xml_text(title),
                   xml_text(trace::origin_of(recording)));
    if (const std::string warning = trace::warning_of(recording); !warning.empty())
        fmt::format_to(out, "<p class=\"warn\" role=\"alert\">{}</p>\n", xml_text(warning));
    put_figures(figures, out);
    if (figures.end + 1 != figures.epochs.size())
        fmt::format_to(
            out,
            "<p>The end, here, is epoch {} of {}: the last before most of the memory was "
            "given back.</p>\n",
            figures.end + 1, figures.epochs.size());
    put_heat(grid, {title, info.start_s}, out);
    fmt::format_to(out, "<section><h2>Over time</h2>\n");
    put_charts(figures, recording.first_ns, out);
    fmt::format_to(out, "</section>\n<section><h2>Ranges by density</h2>\n");
    put_ranking(figures, info.page_bytes, out);
    fmt::format_to(out, "</section>\n<section><h2>Drops and refusals</h2>\n");
    put_losses(recording, figures, out);
    fmt::format_to(out,
                   "</section>\n</main>\n<footer>Made by sluice report. Time is in seconds since "
                   "the start of the recording.</footer>\n<script type=\"application/json\" "
                   "id=\"heat-data\">{}</script>\n<script>{}</script>\n</body>\n</html>\n",
                   heat_json(grid).dump(), html_script);
    return page;
}

}  // namespace sluice
