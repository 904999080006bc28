// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/sensitivity.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runner/document.h"

namespace bench {

namespace {

// Epochs until 90 % of the best possible hit ratio; "-" if that was not reached after each shift.
std::string mean_epochs(const Json &summary)
{
    const Json &epochs = summary.at("convergence_epochs");
    if (epochs.empty() || std::ranges::any_of(epochs, &Json::is_null))
        return "-";
    double sum = 0;
    for (const Json &epoch : epochs)
        sum += epoch.get<double>();
    return fmt::format("{:.1f}", sum / static_cast<double>(epochs.size()));
}

double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

double percent_of_best(const Json &run)
{
    const Json &summary = run.at("summary");
    return percent(summary.at("final_hit_permille"), summary.at("best_hit_permille"));
}

std::string dropped(const Json &summary)
{
    return fmt::format("{:.1f}", percent(summary.at("dropped"), summary.at("samples")));
}

std::string count(const Json &summary, const char *key)
{
    return fmt::format("{}", summary.at(key).get<uint64_t>());
}

}  // namespace

const std::vector<Parameter> &parameters()
{
    static const std::vector<Parameter> all = {
        {"Sample period",
         "period",
         {"127", "509", "1021", "2039", "4093", "8191", "16381", "32749", "65537"},
         "slow loads per sample",
         "Published: flat from about 500 to 8,000. Short periods fill the channel; to drop samples "
         "is no worse than not to take them."},
        {"Latency threshold",
         "load-latency",
         {"16", "32", "48", "64", "96", "128", "192", "256", "448"},
         "cycles",
         "Published: flat from 48 to 96. A load from the fast tier takes 179 cycles here: beyond "
         "that, what has been promoted is seen no more and looks cold, and pages go back and "
         "forth."},
        {"Epoch", "epoch-ms", {"50", "100", "200", "500", "1000", "2000"}, "ms", "Published: 500."},
        {"Split threshold",
         "split-threshold",
         {"5", "10", "15", "30", "60", "120", "250"},
         "samples",
         "Published: 15."},
        {"Fast tier",
         "--fast",
         {"5", "10", "20", "30", "40", "50"},
         "% of all memory",
         "The hot part is 8.3 % of the memory."},
        {"Latency of the slow tier",
         "--slow-ns",
         {"90", "122", "177", "250", "345"},
         "ns",
         "The fast tier takes 69 ns: 1.3 to 5 times."},
    };
    return all;
}

const std::vector<Scale> &scales()
{
    static const std::vector<Scale> all = {
        {"Threads of one process (each on a CPU of its own)",
         "--threads",
         {"1", "2", "4", "8", "16", "32", "64"}},
        {"Processes", "--processes", {"1", "10", "100", "1000"}},
        {"Memory", "--size", {"1GiB", "16GiB", "256GiB", "4TiB", "64TiB"}},
    };
    return all;
}

std::string figure_name(const Parameter &parameter)
{
    const auto begin = parameter.option.find_first_not_of('-');
    return parameter.option.substr(begin) + ".svg";
}

std::string section_of(const Parameter &parameter, const std::vector<Json> &steady,
                       const std::vector<Json> &shifting)
{
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; i < parameter.values.size(); i++) {
        const Json &summary = steady.at(i).at("summary");
        rows.push_back({parameter.values[i], mean_epochs(summary),
                        fmt::format("{:.1f}", percent_of_best(steady.at(i))),
                        mean_epochs(shifting.at(i).at("summary")),
                        fmt::format("{:.1f}", percent_of_best(shifting.at(i))),
                        count(summary, "samples"), dropped(summary),
                        count(summary, "promoted_pages")});
    }
    return fmt::format(
        "## {}\n\n{}\n\n{}\n![{}](sensitivity/{})\n", parameter.title, parameter.known,
        table({parameter.unit, "epochs to 90 % of the best", "hit ratio at the end, % of the best",
               "after a shift: epochs", "hit ratio, % of the best", "samples", "dropped, %",
               "pages promoted"},
              rows),
        parameter.title, figure_name(parameter));
}

BarChart figure_of(const Parameter &parameter, const std::vector<Json> &steady,
                   const std::vector<Json> &shifting)
{
    BarChart chart;
    chart.title = parameter.title + ": hit ratio at the end";
    chart.unit = "% of the best";
    chart.series = {"hot set", "shifting hot set"};
    for (size_t i = 0; i < parameter.values.size(); i++)
        chart.groups.push_back({parameter.values[i],
                                {percent_of_best(steady.at(i)), percent_of_best(shifting.at(i))}});
    return chart;
}

std::string table_of(const Scale &scale, const std::vector<Json> &runs)
{
    std::vector<std::vector<std::string>> rows;
    for (size_t i = 0; i < scale.values.size(); i++) {
        const Json &summary = runs.at(i).at("summary");
        rows.push_back({scale.values[i], count(summary, "samples"), dropped(summary),
                        mean_epochs(summary), fmt::format("{:.1f}", percent_of_best(runs.at(i))),
                        count(summary, "ranges_most"), count(summary, "kernel_bytes")});
    }
    return table({scale.title, "samples", "dropped, %", "epochs to 90 % of the best",
                  "hit ratio at the end, % of the best", "ranges of a process, at most",
                  "bytes of kernel memory, at most"},
                 rows);
}

std::string_view sensitivity_introduction()
{
    return R"(# Sensitivity and scaling

Generated by `make bench-sim` with [sluice sim](sim.md), which runs the kernel's own code on synthetic programs: one of 16 GiB with
four threads, of whose accesses 90 % go to a hot twelfth, 60 epochs; and the same with a hot part that moves every 20 epochs. All
else is at its defaults, so that at most 1 GiB moves in a second, up and down together: exchanging the hot 1.3 GiB takes five
epochs of 500 ms. "-": 90 % of the best possible hit ratio were not reached, or not after each shift.

)";
}

std::string_view scaling_introduction()
{
    return "## Scaling\n\nA program of 256 MiB where not told otherwise, of which 16 MiB are hot; "
           "40 epochs. `make bench-sim` prints what it costs in processor time.\n\n";
}

double fitted_exponent(const std::vector<double> &xs, const std::vector<double> &ys)
{
    std::vector<std::pair<double, double>> points;
    for (size_t i = 0; i < std::min(xs.size(), ys.size()); i++)
        if (xs[i] > 0 && ys[i] > 0)
            points.emplace_back(std::log(xs[i]), std::log(ys[i]));
    if (points.size() < 2)
        return 0;
    double mean_x = 0, mean_y = 0, above = 0, below = 0;
    for (const auto &[x, y] : points) {
        mean_x += x / static_cast<double>(points.size());
        mean_y += y / static_cast<double>(points.size());
    }
    for (const auto &[x, y] : points) {
        above += (x - mean_x) * (y - mean_y);
        below += (x - mean_x) * (x - mean_x);
    }
    return below > 0 ? above / below : 0;
}

}  // namespace bench
