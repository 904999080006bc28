// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/sweep.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice {

namespace {

struct Parameter {
    const char *name;
    uint64_t SimConfig::*field;
    uint64_t least;
};

constexpr std::array parameters = {
    Parameter{"period", &SimConfig::period, 1},
    Parameter{"load-latency", &SimConfig::load_latency, 0},
    Parameter{"epoch-ms", &SimConfig::epoch_ms, 1},
    Parameter{"split-threshold", &SimConfig::split_threshold, 1},
    Parameter{"min-range", &SimConfig::min_range, 4096},
    Parameter{"merge-epochs", &SimConfig::merge_epochs, 1},
    Parameter{"max-ranges", &SimConfig::max_ranges, 1},
    Parameter{"margin", &SimConfig::margin_pct, 0},
    Parameter{"relocate-mbps", &SimConfig::relocate_mbps, 0},
    Parameter{"processes", &SimConfig::processes, 1},
    Parameter{"threads", &SimConfig::threads, 1},
};

const Parameter *find(std::string_view name)
{
    const auto found = std::ranges::find(parameters, name, &Parameter::name);
    return found == parameters.end() ? nullptr : &*found;
}

Error bad_axis(std::string_view text, std::string reason)
{
    return {Code::usage, "sweep", std::string(text), std::move(reason),
            "NAME=VALUE,VALUE... with a NAME of " + sweep_names()};
}

}  // namespace

std::string sweep_names()
{
    std::string names;
    for (const Parameter &parameter : parameters)
        names += (names.empty() ? "" : ", ") + std::string(parameter.name);
    return names;
}

Result<SweepAxis> parse_axis(std::string_view text)
{
    const size_t equals = text.find('=');
    SweepAxis axis{std::string(text.substr(0, equals)), {}};
    const Parameter *parameter = find(axis.name);
    if (equals == std::string_view::npos || !parameter)
        return fail(bad_axis(text, "no such parameter"));
    const char *at = text.data() + equals + 1, *const end = text.data() + text.size();
    while (true) {
        uint64_t value = 0;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc() || (next != end && *next != ',') || value < parameter->least)
            return fail(bad_axis(text, "not a number, or too small"));
        axis.values.push_back(value);
        if (next == end)
            return axis;
        at = next + 1;
    }
}

// Counts through the combinations as a clock does, the last axis fastest.
Result<std::vector<SweepRun>> sweep(const SimConfig &base, const std::vector<SweepAxis> &axes)
{
    std::vector<SweepRun> runs;
    std::vector<size_t> at(axes.size(), 0);
    for (;;) {
        SimConfig config = base;
        SweepRun run;
        for (size_t i = 0; i < axes.size(); ++i) {
            config.*find(axes[i].name)->field = axes[i].values[at[i]];
            run.values.emplace_back(axes[i].name, axes[i].values[at[i]]);
        }
        auto result = simulate(config);
        if (!result)
            return propagate(result);
        run.result = std::move(*result);
        runs.push_back(std::move(run));
        size_t i = axes.size();
        while (i > 0 && ++at[i - 1] == axes[i - 1].values.size())
            at[--i] = 0;
        if (i == 0)
            return runs;
    }
}

}  // namespace sluice
