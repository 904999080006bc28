// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/goals.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "runner/document.h"
#include "runner/results.h"

namespace bench {

namespace {

using Value = std::optional<double>;
using Rows = std::vector<std::vector<std::string>>;

constexpr double kOverTheBest = 1.4, kGapClosed = 0.9;
constexpr double kBelowPolling = 16, kBelowRing = 10, kTrackingShare = 0.01, kEachSwitch = 20;
// An epoch at its default; found in the third, and moved in the one after it.
constexpr double kEpochSeconds = 0.5, kEpochsUntilHot = 4;

Value value_of(const Json &json, const char *key)
{
    const Json value = json.value(key, Json());
    return value.is_number() ? Value(value.get<double>()) : std::nullopt;
}

Value figure(const Json &load, const char *policy, const char *key)
{
    const Json &policies = load.at("policies");
    return policies.contains(policy) ? value_of(policies[policy], key) : std::nullopt;
}

// Figures of a policy, of all loads that have one.
std::vector<double> all(const Json &results, const char *policy, const char *key)
{
    std::vector<double> values;
    for (const Json &load : results.at("loads"))
        if (const auto value = figure(load, policy, key))
            values.push_back(*value);
    return values;
}

Value least(const std::vector<double> &values)
{
    return values.empty() ? std::nullopt : Value(*std::ranges::min_element(values));
}

Value over_the_best(const Json &results, const char *key)
{
    std::vector<double> ratios;
    for (const Json &one : results.at("sluice_against"))
        if (const auto ratio = value_of(one, key))
            ratios.push_back(*ratio);
    return least(ratios);
}

// From the start, or the mean over the start and each shift.
Value epochs_until_hot(const Json &results, const std::string &load)
{
    for (const Json &one : results.at("loads"))
        if (one.at("load") == load)
            if (const auto seconds = figure(one, "sluice", "seconds_to_90"))
                return *seconds / kEpochSeconds;
    return std::nullopt;
}

// Of the geometric means over the loads that have an oracle, beside first touch.
Value gap_closed_by_means(const Json &results, const char *key)
{
    std::vector<double> ours, oracles;
    for (const Json &load : results.at("loads")) {
        const auto own = figure(load, "sluice", key), oracle = figure(load, "oracle", key);
        if (own && oracle) {
            ours.push_back(*own);
            oracles.push_back(*oracle);
        }
    }
    const auto own = geometric_mean(ours), oracle = geometric_mean(oracles);
    return own && oracle ? gap_closed(*own, 1, *oracle) : std::nullopt;
}

Value tracking(const Json &results, const std::string &load, const std::string &policy,
               const char *key)
{
    for (const Json &one : results.at("tracking"))
        if (one.at("load") == load)
            for (const Json &figures : one.at("policies"))
                if (figures.at("policy") == policy)
                    return value_of(figures, key);
    return std::nullopt;
}

// How many times as many instructions a sample takes with another collector.
Value times_less(const Json &results, const char *collector)
{
    const auto theirs = tracking(results, "gups", collector, "instructions_per_sample");
    const auto ours = tracking(results, "gups", "sluice", "instructions_per_sample");
    return theirs && ours && *ours > 0 ? Value(*theirs / *ours) : std::nullopt;
}

void add(Rows &rows, const char *what, const std::string &aim, Value value, const char *format,
         double scale, bool reached)
{
    if (value)
        rows.push_back({what, aim, fmt::format(fmt::runtime(format), *value * scale),
                        reached ? "reached" : "**missed**"});
}

void at_least(Rows &rows, const char *what, double aim, Value value, const char *format,
              double scale = 1)
{
    add(rows, what, "at least " + fmt::format(fmt::runtime(format), aim * scale), value, format,
        scale, value && *value >= aim);
}

void at_most(Rows &rows, const char *what, double aim, Value value, const char *format,
             double scale = 1)
{
    add(rows, what, "at most " + fmt::format(fmt::runtime(format), aim * scale), value, format,
        scale, value && *value <= aim);
}

}  // namespace

std::string goals_table(const Json &results)
{
    Rows rows;
    at_least(rows, "throughput beside the best alternative, geometric mean, whole run",
             kOverTheBest, over_the_best(results, "throughput_ratio"), "{:.2f}");
    at_least(rows, "the same, second half", kOverTheBest,
             over_the_best(results, "settled_throughput_ratio"), "{:.2f}");
    at_least(rows, "share of the gap to the oracle closed, of geometric means, whole run, %",
             kGapClosed, gap_closed_by_means(results, "relative"), "{:.0f}", 100);
    at_least(rows, "the same, second half, %", kGapClosed,
             gap_closed_by_means(results, "settled_relative"), "{:.0f}", 100);
    at_least(rows, "throughput of the worst load beside first touch, whole run", kNoWorse,
             least(all(results, "sluice", "relative")), "{:.2f}");
    at_most(rows,
            "gups, epochs until the hit ratio is 90 % of the oracle's (3, and one for moving)",
            kEpochsUntilHot, epochs_until_hot(results, "gups"), "{:.1f}");
    at_most(rows, "shifting, the same, mean of the start and each shift", kEpochsUntilHot,
            epochs_until_hot(results, "shifting"), "{:.1f}");
    at_least(rows, "tracking gups, instructions for a sample: times less than `poll`",
             kBelowPolling, times_less(results, "poll"), "{:.1f}");
    at_least(rows, "times less than `ring`", kBelowRing, times_less(results, "ring"), "{:.1f}");
    at_most(rows, "tracking gups, share of all instructions, %", kTrackingShare,
            tracking(results, "gups", "sluice", "extra_share"), "{:.2f}", 100);
    if (const auto round = tracking(results, "pingpong", "sluice", "instructions_per_operation"))
        at_most(rows, "context switch without a sample, instructions more (two in a round)",
                kEachSwitch, *round / 2, "{:.1f}");
    return table({"goal", "aim", "seen", ""}, rows);
}

}  // namespace bench
