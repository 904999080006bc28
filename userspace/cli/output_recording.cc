// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_recording.h"

#include "cli/units.h"
#include "trace/describe.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

using nlohmann::json;
using Out = std::back_insert_iterator<std::string>;
using trace::ProcessFigures;

constexpr size_t hottest_shown = 10, coldest_shown = 5;

json permille(const std::optional<double> &ratio)
{
    return ratio ? json(std::llround(1000 * *ratio)) : json();
}

std::string percent_text(const std::optional<double> &ratio)
{
    return ratio ? fmt::format("{:.1f} %", 100 * *ratio) : "not known";
}

void range_line(const trace::Range &range, uint64_t page_bytes, Out out)
{
    fmt::format_to(out, "{:>14x}-{:<14x}{:>11}{:>13.3f}{:>7}{:>11}{:>7.0f}%  {}\n", range.start,
                   range.end, human_bytes(range.end - range.start), density_of(range, page_bytes),
                   range.age, human_bytes(range.resident_pages * page_bytes),
                   percent(double(range.fast_pages), double(range.resident_pages)),
                   range.tier == 0 ? "fast" : "slow");
}

void ranges_text(const ProcessFigures &figures, uint64_t page_bytes, Out out)
{
    const size_t nr = figures.ranges.size(), hottest = std::min(nr, hottest_shown);
    fmt::format_to(out, "\n{:>29}{:>11}{:>13}{:>7}{:>11}{:>8}  {}\n",
                   "ranges at the end, by density", "size", "samples/MiB", "age", "in memory",
                   "fast", "wanted");
    for (size_t i = 0; i < hottest; ++i)
        range_line(figures.ranges[i], page_bytes, out);
    const size_t coldest = std::max(hottest, nr - std::min(nr, coldest_shown));
    if (coldest > hottest)
        fmt::format_to(out, "{:>29}\n", fmt::format("... {} more ...", coldest - hottest));
    for (size_t i = coldest; i < nr; ++i)
        range_line(figures.ranges[i], page_bytes, out);
}

void sizes_text(const ProcessFigures &figures, Out out)
{
    const auto &last = end_of(figures);
    uint64_t least = ~uint64_t{0}, most = 0;
    for (const auto &epoch : figures.epochs) {
        least = std::min(least, epoch.working_set_bytes);
        most = std::max(most, epoch.working_set_bytes);
    }
    fmt::format_to(out, "{:<36}{} of {} of addresses\n",
                   "in memory, at the end:", human_bytes(last.resident_bytes),
                   human_bytes(figures.span_bytes));
    fmt::format_to(
        out, "{:<36}{} fast ({:.1f} %), {} slow\n", "  of it:", human_bytes(last.fast_bytes),
        percent(double(last.fast_bytes), double(last.resident_bytes)),
        human_bytes(last.resident_bytes - std::min(last.resident_bytes, last.fast_bytes)));
    fmt::format_to(out, "{:<36}{} at the end; {} to {}\n",
                   "working set (90 % of samples):", human_bytes(last.working_set_bytes),
                   human_bytes(least), human_bytes(most));
    fmt::format_to(out, "{:<36}{} (first epoch {}, last {})\n",
                   "hit ratio of the fast tier, about:", percent_text(figures.mean_hit_ratio),
                   percent_text(figures.epochs.front().hit_ratio), percent_text(last.hit_ratio));
    fmt::format_to(out, "{:<36}{} up, {} down; {} of it up and down again\n",
                   "moved:", human_bytes(figures.promoted_bytes),
                   human_bytes(figures.demoted_bytes), human_bytes(figures.ping_pong_bytes));
}

json epoch_json(const trace::EpochFigures &epoch)
{
    return {{"time_ns", epoch.time_ns},
            {"epoch", epoch.epoch},
            {"samples", epoch.samples},
            {"out_of_range", epoch.out_of_range},
            {"dropped", epoch.dropped},
            {"ranges", epoch.ranges},
            {"resident_bytes", epoch.resident_bytes},
            {"fast_bytes", epoch.fast_bytes},
            {"hit_permille", permille(epoch.hit_ratio)},
            {"working_set_bytes", epoch.working_set_bytes},
            {"promoted_bytes", epoch.promoted_bytes},
            {"demoted_bytes", epoch.demoted_bytes},
            {"refused_pages", epoch.refused_pages}};
}

json ranges_json(const ProcessFigures &figures, uint64_t page_bytes)
{
    json ranges = json::array();
    for (const trace::Range &range : figures.ranges)
        ranges.push_back({{"start", range.start},
                          {"end", range.end},
                          {"count_milli", range.count * 1000 / 1024},
                          {"age_epochs", range.age},
                          {"resident_bytes", range.resident_pages * page_bytes},
                          {"fast_bytes", range.fast_pages * page_bytes},
                          {"tier", range.tier}});
    return ranges;
}

}  // namespace

std::string to_text(const trace::Recording &recording, const ProcessFigures &figures,
                    const std::string &title)
{
    std::string text;
    Out out(text);
    fmt::format_to(out, "{}\n{}\n", title, trace::origin_of(recording));
    if (const std::string warning = trace::warning_of(recording); !warning.empty())
        fmt::format_to(out, "{}\n", warning);
    fmt::format_to(out, "\n{:<36}{} classified, {} outside of any range, {} dropped\n",
                   "samples:", figures.samples, figures.out_of_range, figures.dropped);
    if (figures.end + 1 != figures.epochs.size())
        fmt::format_to(out, "{:<36}epoch {} of {}, before most of the memory was given back\n",
                       "the end, here:", figures.end + 1, figures.epochs.size());
    sizes_text(figures, out);
    fmt::format_to(out, "{:<36}{} at the end; {} splits, {} merges\n",
                   "ranges:", figures.ranges.size(), figures.splits, figures.merges);
    for (const auto &[reason, pages] : figures.refused_pages)
        fmt::format_to(out, "{:<36}{}\n", fmt::format("pages refused, {}:", reason), pages);
    for (const auto &[cause, number] : recording.drains)
        fmt::format_to(
            out, "{:<36}{}\n",
            fmt::format("buffers drained, {}:", recording.summary.info.word("drain.cause", cause)),
            number);
    ranges_text(figures, recording.summary.info.page_bytes, out);
    return text;
}

json to_json(const trace::Recording &recording, const ProcessFigures &figures)
{
    json epochs = json::array(), drains = json::object();
    for (const auto &epoch : figures.epochs)
        epochs.push_back(epoch_json(epoch));
    for (const auto &[cause, number] : recording.drains)
        drains[recording.summary.info.word("drain.cause", cause)] = number;
    const trace::Info &info = recording.summary.info;
    return {{"schema", "sluice.report/1"},
            {"pid", figures.about.pid},
            {"process", figures.about.comm},
            {"source", info.source},
            {"release", info.release},
            {"knobs", info.knobs},
            {"complete", recording.summary.complete},
            {"lost_events", recording.lost},
            {"duration_ns", recording.last_ns - recording.first_ns},
            {"samples", figures.samples},
            {"out_of_range", figures.out_of_range},
            {"dropped", figures.dropped},
            {"end_epoch", end_of(figures).epoch},
            {"splits", figures.splits},
            {"merges", figures.merges},
            {"hit_permille", permille(figures.mean_hit_ratio)},
            {"promoted_bytes", figures.promoted_bytes},
            {"demoted_bytes", figures.demoted_bytes},
            {"ping_pong_bytes", figures.ping_pong_bytes},
            {"refused_pages", figures.refused_pages},
            {"drains", drains},
            {"ranges", ranges_json(figures, info.page_bytes)},
            {"epochs", epochs}};
}

json to_json(const trace::RecordConfig &config, const trace::RecordResult &result)
{
    return {{"schema", "sluice.record/1"},
            {"output", config.output},
            {"duration_ns", static_cast<uint64_t>(result.last.seconds * 1e9)},
            {"samples", result.last.samples},
            {"events", result.last.events},
            {"bytes", result.last.bytes},
            {"lost_events", result.last.lost},
            {"interrupted", result.stopped},
            {"command_status", result.child_status},
            {"command_killed", result.killed}};
}

json to_json(const HeatGrid &grid)
{
    json rows = json::array(), columns = json::array(), samples = json::array(),
         fast = json::array();
    for (const HeatRow &row : grid.rows)
        rows.push_back({{"start", row.start}, {"end", row.end}});
    for (const HeatColumn &column : grid.columns)
        columns.push_back({{"start_ns", column.start_ns}, {"end_ns", column.end_ns}});
    for (size_t row = 0; row < grid.rows.size(); ++row) {
        json row_samples = json::array(), row_fast = json::array();
        for (size_t column = 0; column < grid.columns.size(); ++column) {
            row_samples.push_back(grid.at(row, column).samples);
            row_fast.push_back(permille(grid.at(row, column).fast));
        }
        samples.push_back(row_samples);
        fast.push_back(row_fast);
    }
    return {{"schema", "sluice.heatmap/1"},
            {"shown_bytes", grid.shown_bytes},
            {"virtual_bytes", grid.virtual_bytes},
            {"samples_shown", grid.samples},
            {"samples_all", grid.all_samples},
            {"rows", rows},
            {"columns", columns},
            {"samples", samples},
            {"fast_permille", fast}};
}

}  // namespace sluice
