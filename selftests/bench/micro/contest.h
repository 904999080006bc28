// SPDX-License-Identifier: GPL-2.0-or-later
// Contests: the same work done by Sluice's code and by its peers, in one run, by the nanosecond.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

namespace bench {

// A benchmark's name is CONTEST/CONTENDER; this one is ours.
inline constexpr char kOurs[] = "sluice";

struct Contest {
    std::string name;
    std::map<std::string, double> ns;  // for one item, by contender; the median of all repetitions
};

// The fastest contender that is not ours; empty if there is none.
std::string best_peer(const Contest &contest);
// How many times longer the best peer takes; 0 if there is no peer or not our own figure.
double advantage(const Contest &contest);

// Contests whose name starts with the prefix, as JSON and as a table for people. A ratio below the
// goal is marked.
nlohmann::json to_json(const std::vector<Contest> &contests);
std::string to_text(const std::vector<Contest> &contests, const std::string &prefix, double goal);

// Collects the medians while Google Benchmark runs.
class Collector : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(const Context &) override { return true; }
    void ReportRuns(const std::vector<Run> &runs) override;

    std::vector<Contest> contests() const;
    const std::vector<std::string> &errors() const { return errors_; }

private:
    std::map<std::string, Contest> contests_;
    std::vector<std::string> errors_;
};

}  // namespace bench
