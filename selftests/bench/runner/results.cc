// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/results.h"

#include <algorithm>
#include <cmath>

namespace bench {

namespace {

double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

double hit_ratio_of(const Json &misses)
{
    const double fast = misses.at("fast"), slow = misses.at("slow");
    return ratio(fast, fast + slow);
}

// Sums of the timeline's second half.
struct Settled {
    double operations = 0, nanoseconds = 0, fast = 0, slow = 0;
};

Settled settled(const Json &cell)
{
    const Json &timeline = cell.at("timeline");
    Settled sums;
    const size_t half = timeline.size() / 2;
    for (size_t i = half; i < timeline.size(); i++) {
        sums.fast += timeline[i].at("fast").get<double>();
        sums.slow += timeline[i].at("slow").get<double>();
    }
    const auto at = [&](size_t i, const char *what) {
        return i == 0 ? 0.0 : timeline[i - 1].at(what).get<double>();
    };
    sums.operations = at(timeline.size(), "operations") - at(half, "operations");
    sums.nanoseconds = at(timeline.size(), "nanoseconds") - at(half, "nanoseconds");
    return sums;
}

// The points of the timeline from which on time counts: the first, and the first after each shift.
std::vector<size_t> starts_of(const Json &cell)
{
    std::vector<size_t> starts = {0};
    const Json &timeline = cell.at("timeline");
    for (const Json &shift : cell.value("shifts", Json::array())) {
        size_t i = 0;
        while (i < timeline.size() && timeline[i].at("operations") <= shift)
            i++;
        if (i < timeline.size() && i != starts.back())
            starts.push_back(i);
    }
    return starts;
}

Json optional(const std::optional<double> &value)
{
    return value ? Json(*value) : Json();
}

// What is told of one policy under one load.
Json figures_of(const Json &cell, const Json *first_touch, const Json *oracle)
{
    Json figures = {{"throughput", throughput(cell)},
                    {"settled_throughput", settled_throughput(cell)},
                    {"hit_ratio", hit_ratio(cell)},
                    {"settled_hit_ratio", settled_hit_ratio(cell)},
                    {"kernel_share", ratio(cell.at("instructions").at("kernel"),
                                           cell.at("instructions").at("kernel").get<double>() +
                                               cell.at("instructions").at("user").get<double>())},
                    {"pages_up", cell.at("moved").at("up")},
                    {"pages_down", cell.at("moved").at("down")},
                    {"pmis", cell.at("pmu").at("pmis")},
                    {"msr_accesses", cell.at("pmu").at("msr_accesses")}};
    if (first_touch) {
        figures["relative"] = ratio(throughput(cell), throughput(*first_touch));
        figures["settled_relative"] =
            ratio(settled_throughput(cell), settled_throughput(*first_touch));
    }
    if (first_touch && oracle) {
        figures["gap_closed"] =
            optional(gap_closed(throughput(cell), throughput(*first_touch), throughput(*oracle)));
        figures["settled_gap_closed"] =
            optional(gap_closed(settled_throughput(cell), settled_throughput(*first_touch),
                                settled_throughput(*oracle)));
        figures["seconds_to_90"] = optional(time_to_90(cell, hit_ratio(*oracle)));
    }
    return figures;
}

const Json *find(const std::map<std::string, Json> &cells, const std::string &load,
                 const std::string &policy)
{
    const auto it = cells.find(load + "/" + policy);
    return it == cells.end() ? nullptr : &it->second;
}

// How Sluice does beside one alternative, over all loads for which there are both.
Json against(const Matrix &m, const std::map<std::string, Json> &cells, const std::string &policy)
{
    std::vector<double> whole, later;
    for (const CellLoad &load : m.loads) {
        const Json *ours = find(cells, load.name, "sluice");
        const Json *theirs = find(cells, load.name, policy);
        if (!ours || !theirs)
            continue;
        whole.push_back(ratio(throughput(*ours), throughput(*theirs)));
        later.push_back(ratio(settled_throughput(*ours), settled_throughput(*theirs)));
    }
    return {{"policy", policy},
            {"loads", whole.size()},
            {"throughput_ratio", optional(geometric_mean(whole))},
            {"settled_throughput_ratio", optional(geometric_mean(later))},
            {"worst_ratio", whole.empty() ? Json() : Json(*std::ranges::min_element(whole))}};
}

Json loads_json(const Matrix &m, const std::map<std::string, Json> &cells)
{
    Json loads = Json::array();
    for (const CellLoad &load : m.loads) {
        Json policies = Json::object();
        for (const std::string &policy : m.policies)
            if (const Json *cell = find(cells, load.name, policy))
                policies[policy] = figures_of(*cell, find(cells, load.name, "first-touch"),
                                              find(cells, load.name, "oracle"));
        loads.push_back({{"load", load.name}, {"policies", policies}});
    }
    return loads;
}

double instructions(const Json &cell)
{
    return cell.at("instructions").at("user").get<double>() +
           cell.at("instructions").at("kernel").get<double>();
}

uint64_t samples(const Json &cell)
{
    return cell.at("kernel").value("sluice_records", uint64_t{0}) +
           cell.at("collected").at("samples").get<uint64_t>();
}

uint64_t beyond(const Json &cell, const Json &base, const char *what)
{
    const uint64_t own = cell.at("pmu").at(what), others = base.at("pmu").at(what);
    return own - std::min(own, others);
}

// What a way of tracking costs beyond a run that is the same without it.
Json tracking_of(const Json &cell, const Json &base)
{
    const double extra = instructions(cell) - instructions(base);
    const uint64_t count = samples(cell);
    return {{"policy", cell.at("policy")},
            {"samples", count},
            {"lost", cell.at("collected").at("lost")},
            {"extra_instructions", extra},
            {"extra_share", ratio(extra, instructions(base))},
            {"instructions_per_sample", count ? Json(extra / static_cast<double>(count)) : Json()},
            {"instructions_per_operation", ratio(extra, cell.at("operations"))},
            {"relative", ratio(throughput(cell), throughput(base))},
            {"pmis", beyond(cell, base, "pmis")},
            {"msr_accesses", beyond(cell, base, "msr_accesses")}};
}

Json tracking_json(const Matrix &m, const std::map<std::string, Json> &cells)
{
    Json loads = Json::array();
    for (const CellLoad &load : m.tracking_loads) {
        const Json *base = find(cells, kTracking + load.name, "first-touch");
        Json policies = Json::array();
        for (const std::string &policy : m.tracking_policies)
            if (const Json *cell = find(cells, kTracking + load.name, policy);
                cell && base && cell != base)
                policies.push_back(tracking_of(*cell, *base));
        loads.push_back({{"load", load.name}, {"policies", policies}});
    }
    return loads;
}

Json against_all(const Matrix &m, const std::map<std::string, Json> &cells)
{
    Json all = Json::array();
    for (const std::string &policy : m.alternatives)
        if (std::ranges::find(m.policies, policy) != m.policies.end())
            all.push_back(against(m, cells, policy));
    return all;
}

}  // namespace

double throughput(const Json &cell)
{
    return ratio(1e9 * cell.at("operations").get<double>(), cell.at("nanoseconds"));
}

double settled_throughput(const Json &cell)
{
    const Settled sums = settled(cell);
    return ratio(1e9 * sums.operations, sums.nanoseconds);
}

double hit_ratio(const Json &cell)
{
    return hit_ratio_of(cell.at("misses"));
}

double settled_hit_ratio(const Json &cell)
{
    const Settled sums = settled(cell);
    return ratio(sums.fast, sums.fast + sums.slow);
}

std::optional<double> time_to_90(const Json &cell, double best)
{
    const Json &timeline = cell.at("timeline");
    const auto starts = starts_of(cell);
    double sum = 0;
    for (size_t s = 0; s < starts.size(); s++) {
        const size_t end = s + 1 < starts.size() ? starts[s + 1] : timeline.size();
        size_t i = starts[s];
        while (i < end && hit_ratio_of(timeline[i]) < 0.9 * best)
            i++;
        if (i == end)
            return std::nullopt;
        const double from =
            starts[s] == 0 ? 0 : timeline[starts[s] - 1].at("nanoseconds").get<double>();
        // It was so during this point, so it was reached at its start.
        const double at = i == 0 ? 0 : timeline[i - 1].at("nanoseconds").get<double>();
        sum += (at - from) / 1e9;
    }
    return sum / static_cast<double>(starts.size());
}

std::optional<double> gap_closed(double own, double first_touch, double oracle)
{
    constexpr double matters = 0.03;
    if (std::abs(oracle - first_touch) < matters * first_touch)
        return std::nullopt;
    return (own - first_touch) / (oracle - first_touch);
}

std::optional<double> geometric_mean(const std::vector<double> &values)
{
    double sum = 0;
    for (const double value : values) {
        if (value <= 0)
            return std::nullopt;
        sum += std::log(value);
    }
    if (values.empty())
        return std::nullopt;
    return std::exp(sum / static_cast<double>(values.size()));
}

Json results_json(const Matrix &m, const std::map<std::string, Json> &cells,
                  const std::map<std::string, std::string> &failed)
{
    Json all = Json::array();
    for (const Cell &cell : cells_of(m))
        if (const Json *result =
                cell.load.starts_with(kTracking) ? nullptr : find(cells, cell.load, cell.policy);
            result)
            all.push_back(*result);
    return {{"schema", "sluice.bench/1"},
            {"suite", m.suite},
            {"machine", m.machine},
            {"memory_mib", m.memory_mib},
            {"load_mib", m.load_mib},
            {"cells", all},
            {"failed", failed},
            {"loads", loads_json(m, cells)},
            {"sluice_against", against_all(m, cells)},
            {"tracking", tracking_json(m, cells)}};
}

}  // namespace bench
