// SPDX-License-Identifier: GPL-2.0-or-later
// Cells as a guest could have made them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runner/matrix.h"

namespace bench {

struct Point {
    uint64_t operations, nanoseconds, fast, slow;
};

inline Json make_cell(const std::string &load, const std::string &policy,
                      const std::vector<Point> &points, const std::vector<uint64_t> &shifts = {})
{
    Json timeline = Json::array();
    uint64_t fast = 0, slow = 0;
    for (const Point &p : points) {
        timeline.push_back({{"operations", p.operations},
                            {"nanoseconds", p.nanoseconds},
                            {"fast", p.fast},
                            {"slow", p.slow}});
        fast += p.fast;
        slow += p.slow;
    }
    return {
        {"schema", "sluice.bench-cell/1"},
        {"load", load},
        {"policy", policy},
        {"bytes", 1 << 20},
        {"operations", points.back().operations},
        {"nanoseconds", points.back().nanoseconds},
        {"misses", {{"fast", fast}, {"slow", slow}}},
        {"instructions", {{"user", 900}, {"kernel", 100}}},
        {"moved", {{"up", 2000}, {"down", 1000}}},
        {"oracle", {{"capacity_pages", 0}, {"moved_pages", 0}}},
        {"pmu", {{"records_written", 0}, {"records_dropped", 0}, {"pmis", 0}, {"msr_accesses", 7}}},
        {"collected", {{"samples", 0}, {"lost", 0}, {"pages", 0}, {"last_period", 0}}},
        {"settings", {{{"path", "/proc/x"}, {"value", "1"}}}},
        {"kernel", Json::object()},
        {"corrupt_bytes", 0},
        {"shifts", shifts},
        {"timeline", timeline}};
}

inline Matrix small_matrix()
{
    Matrix m;
    m.machine = "pmem";
    m.memory_mib = "192,640";
    m.all_fast_memory_mib = "704,128";
    m.variant = "bench";
    m.load_mib = 256;
    m.timeout_s = 60;
    m.suite = "quick";
    m.alternatives = {"first-touch", "numab"};
    m.policies = {"first-touch", "numab", "oracle", "sluice"};
    m.loads = {{"gups", 100, 0}, {"streaming", 100, 0}};
    m.tracking_policies = {"first-touch", "ring", "sluice"};
    m.tracking_loads = {{"gups", 100, 0}};
    return m;
}

// gups: first touch takes 100 ns, NUMA balancing 80, Sluice 60, the oracle 50; streaming: all
// alike, Sluice a little slower.
inline std::map<std::string, Json> small_results()
{
    const auto steady = [](const std::string &load, const std::string &policy, uint64_t ns,
                           uint64_t fast) {
        return make_cell(load, policy,
                         {{50, ns / 2, fast, 100 - fast}, {100, ns, fast, 100 - fast}});
    };
    std::map<std::string, Json> cells;
    for (const auto &[policy, ns, fast] :
         {std::tuple{"first-touch", 100, 10}, {"numab", 80, 50}, {"oracle", 50, 90}})
        cells[std::string("gups/") + policy] = steady("gups", policy, ns, fast);
    cells["gups/sluice"] =
        make_cell("gups", "sluice",
                  {{25, 20, 10, 90}, {50, 35, 50, 50}, {75, 48, 85, 15}, {100, 60, 90, 10}});
    for (const char *policy : {"first-touch", "numab", "oracle"})
        cells[std::string("streaming/") + policy] = steady("streaming", policy, 100, 20);
    cells["streaming/sluice"] = steady("streaming", "sluice", 104, 20);
    for (const char *policy : {"first-touch", "ring", "sluice"})
        cells[std::string("tracking/gups/") + policy] = steady("gups", policy, 100, 100);
    cells["tracking/gups/ring"]["collected"]["samples"] = 10;
    cells["tracking/gups/ring"]["instructions"]["user"] = 1500;
    cells["tracking/gups/sluice"]["kernel"]["sluice_records"] = 10;
    cells["tracking/gups/sluice"]["instructions"]["kernel"] = 150;
    cells["tracking/gups/sluice"]["pmu"]["msr_accesses"] = 9;
    return cells;
}

}  // namespace bench
