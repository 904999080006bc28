// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_sim.h"

#include "cli/units.h"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

using nlohmann::json;

constexpr size_t most_lines = 20;  // of the table of epochs

std::string epochs_text(const std::vector<int64_t> &convergence)
{
    std::string text;
    for (const int64_t epochs : convergence)
        text += (text.empty() ? "" : ", ") +
                (epochs < 0 ? std::string("never") : std::to_string(epochs));
    return text.empty() ? "-" : text;
}

// The slowest, as one word for a table.
std::string slowest_text(const std::vector<int64_t> &convergence)
{
    if (std::ranges::count(convergence, -1) != 0)
        return "never";
    return convergence.empty() ? "-" : std::to_string(std::ranges::max(convergence));
}

void epochs_table(const SimResult &result, std::back_insert_iterator<std::string> out)
{
    const size_t step = (result.epochs.size() + most_lines - 1) / most_lines;
    fmt::format_to(out, "\n{:>8} {:>9} {:>10} {:>9} {:>8} {:>8} {:>8} {:>10} {:>10}\n", "epoch",
                   "hit ratio", "samples", "dropped", "ranges", "splits", "merges", "pages up",
                   "pages down");
    for (size_t i = 0; i < result.epochs.size(); ++i) {
        const SimEpoch &e = result.epochs[i];
        // The start is where most happens.
        if (i >= 5 && (i + 1) % step != 0)
            continue;
        fmt::format_to(out, "{:>8} {:>8.1f}% {:>10} {:>9} {:>8} {:>8} {:>8} {:>10} {:>10}{}\n",
                       i + 1, 100 * e.hit_ratio, e.samples, e.dropped, e.ranges, e.splits, e.merges,
                       e.promoted, e.demoted, e.shifted ? "  hot part moved" : "");
    }
}

int64_t permille(double ratio)
{
    return std::llround(1000 * ratio);
}

json config_json(const SimConfig &config)
{
    return {{"pattern", name_of(config.pattern.kind)},
            {"size_bytes", config.pattern.size},
            {"hot_bytes", config.pattern.hot},
            {"hot_share_permille", permille(config.pattern.hot_share)},
            {"piece_bytes", config.pattern.piece},
            {"theta_permille", permille(config.pattern.theta)},
            {"shift_epochs", config.pattern.shift_epochs},
            {"seed", config.seed},
            {"processes", config.processes},
            {"threads", config.threads},
            {"epochs", config.epochs},
            {"fast_permille", permille(config.fast_share)},
            {"fast_ns", config.fast_ns},
            {"slow_ns", config.slow_ns},
            {"period", config.period},
            {"load_latency_cycles", config.load_latency},
            {"epoch_ns", config.epoch_ms * 1'000'000},
            {"split_threshold", config.split_threshold},
            {"min_range_bytes", config.min_range},
            {"merge_epochs", config.merge_epochs},
            {"max_ranges", config.max_ranges},
            {"margin_percent", config.margin_pct},
            {"relocate_mbps", config.relocate_mbps}};
}

json summary_json(const SimResult &result)
{
    json convergence = json::array();
    for (const int64_t epochs : result.convergence)
        convergence.push_back(epochs < 0 ? json() : json(epochs));
    return {{"best_hit_permille", permille(result.best_hit_ratio)},
            {"final_hit_permille", permille(result.final_hit_ratio)},
            {"convergence_epochs", convergence},
            {"samples", result.samples},
            {"dropped", result.dropped},
            {"ranges_most", result.ranges_most},
            {"splits", result.splits},
            {"merges", result.merges},
            {"promoted_pages", result.promoted},
            {"demoted_pages", result.demoted},
            {"kernel_bytes", result.kernel_bytes}};
}

// Apart from the rest: another run gives other figures.
json host_json(const SimResult &result)
{
    return {{"channel_ps_per_sample", std::llround(1000 * result.channel_ns)},
            {"classify_ps_per_sample", std::llround(1000 * result.classify_ns)},
            {"place_ps_per_sample", std::llround(1000 * result.place_ns)},
            {"cpu_ns", std::llround(1e9 * result.cpu_s)}};
}

}  // namespace

std::string to_text(const SimResult &result)
{
    const SimConfig &config = result.config;
    std::string text;
    std::back_insert_iterator out(text);
    const bool recorded = config.programs != nullptr;
    fmt::format_to(
        out, "sim: {}, {} process{} of {}{}, {:.1f} % of it fast, {} epochs of {} ms, seed {}\n",
        name_of(config.pattern.kind), config.processes, config.processes == 1 ? "" : "es",
        human_bytes(recorded ? bytes_of(*config.programs) : config.pattern.size),
        recorded ? " in all" : "", 100 * config.fast_share, config.epochs, config.epoch_ms,
        config.seed);
    if (recorded)
        fmt::format_to(out, "samples: {}, as perf had them; {} dropped\n", result.samples,
                       result.dropped);
    else
        fmt::format_to(out, "samples: {}, one of {} loads of {} cycles or more; {} dropped\n",
                       result.samples, config.period, config.load_latency, result.dropped);
    epochs_table(result, out);
    fmt::format_to(out,
                   "\nfast-tier hit ratio at the end: {:.1f} %; of the best placement: {:.1f} %\n",
                   100 * result.final_hit_ratio, 100 * result.best_hit_ratio);
    fmt::format_to(out, "epochs until 90 % of the best{}: {}\n",
                   result.convergence.size() > 1 ? ", from the start and after each move" : "",
                   epochs_text(result.convergence));
    fmt::format_to(out, "ranges of a process, at most: {} ({} splits, {} merges in all)\n",
                   result.ranges_most, result.splits, result.merges);
    fmt::format_to(out, "moved: {} up, {} down\n", human_bytes(result.promoted * 4096),
                   human_bytes(result.demoted * 4096));
    fmt::format_to(out, "memory of the kernel's code: {}\n", human_bytes(result.kernel_bytes));
    fmt::format_to(
        out,
        "processor time of this host, per sample: channel {:.1f} ns, classification {:.1f} ns, "
        "ranking {:.1f} ns; {:.1f} s in all\n",
        result.channel_ns, result.classify_ns, result.place_ns, result.cpu_s);
    return text;
}

std::string to_text(const std::vector<SweepRun> &runs)
{
    std::string text;
    std::back_insert_iterator out(text);
    for (const auto &[name, value] : runs.front().values)
        fmt::format_to(out, "{:>16}", name);
    fmt::format_to(out, "{:>8}{:>8}{:>12}{:>12}{:>8}{:>12}{:>12}{:>11}\n", "final", "best",
                   "90 % after", "samples", "ranges", "up", "memory", "ns/sample");
    for (const SweepRun &run : runs) {
        const SimResult &r = run.result;
        for (const auto &[name, value] : run.values)
            fmt::format_to(out, "{:>16}", value);
        fmt::format_to(out, "{:>7.1f}%{:>7.1f}%{:>12}{:>12}{:>8}{:>12}{:>12}{:>11.1f}\n",
                       100 * r.final_hit_ratio, 100 * r.best_hit_ratio, slowest_text(r.convergence),
                       r.samples, r.ranges_most, human_bytes(r.promoted * 4096),
                       human_bytes(r.kernel_bytes), r.channel_ns + r.classify_ns + r.place_ns);
    }
    return text;
}

json to_json(const SimResult &result)
{
    json epochs = json::array();
    for (const SimEpoch &e : result.epochs)
        epochs.push_back({{"hit_permille", permille(e.hit_ratio)},
                          {"samples", e.samples},
                          {"dropped", e.dropped},
                          {"ranges", e.ranges},
                          {"splits", e.splits},
                          {"merges", e.merges},
                          {"promoted_pages", e.promoted},
                          {"demoted_pages", e.demoted},
                          {"shifted", e.shifted}});
    return {{"schema", "sluice.sim/1"},
            {"config", config_json(result.config)},
            {"summary", summary_json(result)},
            {"host", host_json(result)},
            {"epochs", epochs}};
}

json to_json(const std::vector<SweepRun> &runs)
{
    json rows = json::array();
    for (const SweepRun &run : runs) {
        json values = json::object();
        for (const auto &[name, value] : run.values)
            values[name] = value;
        rows.push_back({{"values", values},
                        {"summary", summary_json(run.result)},
                        {"host", host_json(run.result)}});
    }
    return {{"schema", "sluice.sim.sweep/1"},
            {"config", config_json(runs.front().result.config)},
            {"runs", rows}};
}

}  // namespace sluice
