// SPDX-License-Identifier: GPL-2.0-or-later
#include "contest.h"

#include <algorithm>

#include <fmt/format.h>

namespace bench {

std::string best_peer(const Contest &contest)
{
    std::string best;
    for (const auto &[contender, ns] : contest.ns)
        if (contender != kOurs && (best.empty() || ns < contest.ns.at(best)))
            best = contender;
    return best;
}

double advantage(const Contest &contest)
{
    const std::string peer = best_peer(contest);
    const auto ours = contest.ns.find(kOurs);
    if (peer.empty() || ours == contest.ns.end())
        return 0;
    return contest.ns.at(peer) / ours->second;
}

nlohmann::json to_json(const std::vector<Contest> &contests)
{
    nlohmann::json all = nlohmann::json::array();
    for (const Contest &contest : contests)
        all.push_back({{"name", contest.name},
                       {"nanoseconds", contest.ns},
                       {"best_peer", best_peer(contest)},
                       {"advantage", advantage(contest)}});
    return all;
}

std::string to_text(const std::vector<Contest> &contests, const std::string &prefix, double goal)
{
    std::string text;
    for (const Contest &contest : contests) {
        if (!contest.name.starts_with(prefix))
            continue;
        text += fmt::format("{}\n", contest.name);
        for (const auto &[contender, ns] : contest.ns)
            text += fmt::format("    {:24} {:8.2f} ns\n", contender, ns);
        const double ratio = advantage(contest);
        if (ratio > 0)
            text += fmt::format("    best peer / sluice       {:8.2f}   {} (goal {})\n", ratio,
                                ratio >= goal ? "reached" : "MISSED", goal);
    }
    return text;
}

// With repetitions there is one run for each, and aggregates of them.
void Collector::ReportRuns(const std::vector<Run> &runs)
{
    for (const Run &run : runs) {
        if (run.error_occurred) {
            errors_.push_back(run.benchmark_name() + ": " + run.error_message);
            continue;
        }
        if (run.run_type != Run::RT_Aggregate || run.aggregate_name != "median")
            continue;
        const std::string &name = run.run_name.function_name;
        const auto slash = name.rfind('/');
        const auto per_second = run.counters.find("items_per_second");
        if (slash == std::string::npos || per_second == run.counters.end())
            continue;
        Contest &contest = contests_[name.substr(0, slash)];
        contest.name = name.substr(0, slash);
        contest.ns[name.substr(slash + 1)] = 1e9 / per_second->second;
    }
}

std::vector<Contest> Collector::contests() const
{
    std::vector<Contest> all;
    for (const auto &[name, contest] : contests_)
        all.push_back(contest);
    return all;
}

}  // namespace bench
