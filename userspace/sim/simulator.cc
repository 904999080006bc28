// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/simulator.h"

#include "sim/convergence.h"
#include "sim/guest.h"

#include <fmt/format.h>
#include <algorithm>
#include <ctime>

namespace sluice {

namespace {

constexpr uint64_t default_epochs = 100;
constexpr uint64_t largest_size = uint64_t{100} << 40;  // of what user space can address
constexpr uint64_t most_epochs = 1'000'000;

Error unusable(std::string what, std::string hint)
{
    return {Code::usage, "simulate", "", std::move(what), std::move(hint)};
}

Result<> check(const SimConfig &config)
{
    if (!config.programs &&
        (config.pattern.size < 2 * config.min_range || config.pattern.size > largest_size))
        return fail(unusable(fmt::format("a process of {} bytes", config.pattern.size),
                             "use a size from 2 * min_range to 100 TiB"));
    if (config.min_range < 4096 || (config.min_range & (config.min_range - 1)) != 0)
        return fail(unusable(fmt::format("min_range is {} bytes", config.min_range),
                             "use a power of two from 4 KiB"));
    if (config.pattern.hot > config.pattern.size)
        return fail(unusable("the hot part is larger than the memory", "make it smaller"));
    if (config.epochs > most_epochs)
        return fail(unusable(fmt::format("{} epochs", config.epochs),
                             fmt::format("use at most {}", most_epochs)));
    return {};
}

// What was left open: how long the run is.
SimConfig complete(SimConfig config)
{
    if (config.programs) {
        config.pattern.kind = PatternKind::recorded;
        config.processes = config.programs->size();
        config.pattern.size = bytes_of(*config.programs) / config.processes;
        const uint64_t epoch_ns = config.epoch_ms * 1'000'000;
        const uint64_t whole = (duration_ns(*config.programs) + epoch_ns - 1) / epoch_ns;
        config.epochs = std::min(config.epochs ? config.epochs : whole, whole);
    }
    if (config.epochs != 0)
        return config;
    config.epochs = default_epochs;
    if (config.samples != 0) {
        const uint64_t an_epoch = config.processes * config.channel_entries;
        config.epochs = std::min((config.samples + an_epoch - 1) / an_epoch, most_epochs);
    }
    return config;
}

void add_up(SimResult &result)
{
    const size_t last = (result.epochs.size() + 3) / 4;
    for (size_t i = 0; i < result.epochs.size(); ++i) {
        const SimEpoch &epoch = result.epochs[i];
        result.samples += epoch.samples;
        result.dropped += epoch.dropped;
        result.splits += epoch.splits;
        result.merges += epoch.merges;
        result.promoted += epoch.promoted;
        result.demoted += epoch.demoted;
        if (i + last >= result.epochs.size())
            result.final_hit_ratio += epoch.hit_ratio / static_cast<double>(last);
    }
}

}  // namespace

Result<SimResult> simulate(const SimConfig &given, const trace::Sink &sink)
{
    if (const auto checked = check(given); !checked)
        return propagate(checked);
    const std::clock_t start = std::clock();
    SimResult result;
    result.config = complete(given);
    sim::Guest guest(result.config, sink);
    result.best_hit_ratio = guest.best_hit_ratio();
    Convergence convergence(result.best_hit_ratio);
    for (uint64_t i = 0; i < result.config.epochs; ++i) {
        result.epochs.push_back(guest.epoch(i));
        convergence.add(result.epochs.back().hit_ratio, result.epochs.back().shifted);
    }
    result.convergence = convergence.epochs();
    add_up(result);
    result.ranges_most = guest.ranges_most();
    result.kernel_bytes = guest.kernel_bytes();
    const double samples = static_cast<double>(std::max<uint64_t>(result.samples, 1));
    result.channel_ns = guest.times().channel.count() / samples;
    result.classify_ns = guest.times().classify.count() / samples;
    result.place_ns = guest.times().place.count() / samples;
    result.cpu_s = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    return result;
}

const char *name_of(PatternKind kind)
{
    constexpr const char *names[] = {"hotset",    "scattered", "zipf",    "shifting",
                                     "streaming", "uniform",   "recorded"};
    return names[static_cast<size_t>(kind)];
}

}  // namespace sluice
