// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/cell.h"

#include "bench/collector.h"
#include "bench/counters.h"
#include "bench/oracle.h"
#include "workload/cpu.h"
#include "workload/progress.h"

#include <unistd.h>
#include <algorithm>

namespace sluice::bench {

namespace {

uint64_t nanoseconds(Clock::duration d)
{
    return static_cast<uint64_t>(std::chrono::nanoseconds(d).count());
}

// Runs a load in small steps, and notes at equal numbers of operations what has happened.
class Run {
public:
    Run(const CellConfig &config, const Policy &policy, Load &load,
        const HardwareCounters &counters)
        : config_(config), policy_(policy), load_(load), counters_(counters)
    {
    }

    Result<Json> operator()()
    {
        auto begin = counters_.read();
        if (!begin)
            return propagate(begin);
        last_ = first_ = *begin;
        drift_ = load_.drift();
        for (uint64_t point = 1; point <= config_.points; ++point)
            if (auto noted = run_to(config_.operations * point / config_.points); !noted)
                return propagate(noted);
        return json();
    }

private:
    static constexpr uint64_t step = 1024;

    Result<> run_to(uint64_t operations)
    {
        const auto start = Clock::now();
        while (done_ < operations) {
            const uint64_t todo = std::min(step, operations - done_);
            load_.step(todo);
            done_ += todo;
            if (auto seen = see_drift(); !seen)
                return seen;
        }
        elapsed_ += Clock::now() - start;
        return note();
    }

    // The oracle follows at once, and at no cost: its clock stands still meanwhile.
    Result<> see_drift()
    {
        if (load_.shifts() != shifts_)
            shift_operations_.push_back(done_);
        shifts_ = load_.shifts();
        if (!policy_.oracle || load_.drift() == drift_)
            return {};
        const auto before = Clock::now();
        const auto placed = place_by_hand(Sysroot(), load_, 0);
        if (!placed)
            return propagate(placed);
        elapsed_ -= Clock::now() - before;
        drift_ = load_.drift();
        return {};
    }

    Result<> note()
    {
        const auto now = counters_.read();
        if (!now)
            return propagate(now);
        const Hardware since = *now - last_;
        last_ = *now;
        timeline_.push_back({{"operations", done_},
                             {"nanoseconds", nanoseconds(elapsed_)},
                             {"fast", since.misses.fast},
                             {"slow", since.misses.slow}});
        return {};
    }

    Json json() const
    {
        const Hardware all = last_ - first_;
        return {{"operations", done_},
                {"nanoseconds", nanoseconds(elapsed_)},
                {"misses", {{"fast", all.misses.fast}, {"slow", all.misses.slow}}},
                {"instructions",
                 {{"user", all.user_instructions}, {"kernel", all.kernel_instructions}}},
                {"shifts", shift_operations_},
                {"timeline", timeline_}};
    }

    const CellConfig &config_;
    const Policy &policy_;
    Load &load_;
    const HardwareCounters &counters_;
    Hardware first_, last_;
    uint64_t done_ = 0;
    uint64_t shifts_ = 0;
    uint64_t drift_ = 0;
    Clock::duration elapsed_{0};
    std::vector<uint64_t> shift_operations_;
    Json timeline_ = Json::array();
};

Json settings_json(const Policy &policy)
{
    Json json = Json::array();
    for (const Setting &setting : policy.settings)
        json.push_back({{"path", setting.path}, {"value", setting.value}});
    return json;
}

// Pages up and down, by whoever moved them.
Result<Moved> moved_by(const Sysroot &root, const Policy &policy, const Counters &counters)
{
    if (policy.damon)
        return damon_moved(root);
    if (policy.name.starts_with("sluice"))
        return Moved{value_of(counters, "sluice_promoted"), value_of(counters, "sluice_demoted")};
    return Moved{value_of(counters, "pgpromote_success"), sum(with_prefix(counters, "pgdemote_"))};
}

// Starts what the policy's name stands for, if it is a collector.
Result<std::unique_ptr<Collector>> start_collector(const Policy &policy)
{
    if (!policy.collector)
        return nullptr;
    return Collector::start(*find_collector(policy.name));
}

Json collected_json(Collector *collector)
{
    const Collected collected = collector ? collector->stop() : Collected{};
    return {{"samples", collected.samples},
            {"lost", collected.lost},
            {"pages", collected.pages},
            {"last_period", collected.last_period}};
}

struct Prepared {
    Policy policy;
    std::unique_ptr<Load> load;
    Placement placement;
};

Result<Prepared> prepare(const Sysroot &root, const CellConfig &config)
{
    const Policy *known = find_policy(config.policy);
    if (!known)
        return fail(Error{Code::usage, "find policy", config.policy, "no such policy", {}});
    Policy wanted = *known;
    wanted.settings.insert(wanted.settings.begin(), config.settings.begin(), config.settings.end());
    // In virtual time all CPUs share one timeline, so that nothing is lost; and the load runs where
    // it did in every other cell.
    if (auto pinned = stay_on_cpu(0); !pinned)
        return propagate(pinned);
    auto policy = start(root, wanted);
    if (!policy)
        return propagate(policy);
    auto load = make_load(config.load);
    if (!load)
        return propagate(load);
    Prepared prepared{std::move(*policy), std::move(*load), {}};
    if (prepared.policy.oracle) {
        const auto placed = place_by_hand(root, *prepared.load, config.operations / 2);
        if (!placed)
            return propagate(placed);
        prepared.placement = *placed;
    }
    return prepared;
}

}  // namespace

Result<Json> run_cell(const CellConfig &config)
{
    const Sysroot root;
    const auto counters = HardwareCounters::open();
    if (!counters)
        return propagate(counters);
    const auto prepared = prepare(root, config);
    if (!prepared)
        return propagate(prepared);
    const auto before = read_kernel_counters(root);
    if (!before)
        return propagate(before);
    const auto collector = start_collector(prepared->policy);
    if (!collector)
        return propagate(collector);
    auto json = Run(config, prepared->policy, *prepared->load, *counters)();
    if (!json)
        return propagate(json);
    const Json collected = collected_json(collector->get());
    const auto after = read_kernel_counters(root);
    if (!after)
        return propagate(after);
    const Counters kernel = changed(*after, *before);
    const auto moved = moved_by(root, prepared->policy, kernel);
    if (!moved)
        return propagate(moved);
    if (auto stopped = stop(root, prepared->policy); !stopped)
        return propagate(stopped);
    json->update(Json{{"schema", "sluice.bench-cell/1"},
                      {"load", config.load.name},
                      {"bytes", config.load.bytes},
                      {"policy", config.policy},
                      {"settings", settings_json(prepared->policy)},
                      {"moved", {{"up", moved->up_pages}, {"down", moved->down_pages}}},
                      {"oracle",
                       {{"capacity_pages", prepared->placement.capacity_pages},
                        {"moved_pages", prepared->placement.moved_pages}}},
                      {"collected", collected},
                      {"kernel", kernel},
                      {"corrupt_bytes", prepared->load->corrupt_bytes()}});
    return std::move(*json);
}

}  // namespace sluice::bench
