// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/policy.h"

#include "bench/collector.h"

#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <iterator>

#include <fmt/format.h>

namespace sluice::bench {

namespace {

constexpr char balancing[] = "/proc/sys/kernel/numa_balancing";
constexpr char demotion[] = "/sys/kernel/mm/numa/demotion_enabled";
constexpr char sluice_enabled[] = "/proc/sys/vm/sluice/enabled";
constexpr char sluice_manage[] = "/proc/sys/vm/sluice/manage";

std::string scan(const char *name)
{
    return std::string("/sys/kernel/debug/sched/numa_balancing/") + name;
}

// NUMA balancing that looks sooner and more often than it does by itself: at these runs' length it
// would hardly begin.
struct Balancing {
    unsigned hot_threshold_ms, scan_period_max_ms, watermark_scale_factor;

    std::string name() const
    {
        return fmt::format("numab-h{}-s{}-w{}", hot_threshold_ms, scan_period_max_ms,
                           watermark_scale_factor);
    }

    std::vector<Setting> settings() const
    {
        return {{scan("scan_delay_ms"), "100"},
                {scan("scan_period_min_ms"), "200"},
                {scan("scan_period_max_ms"), std::to_string(scan_period_max_ms)},
                {scan("hot_threshold_ms"), std::to_string(hot_threshold_ms)},
                {"/proc/sys/vm/watermark_scale_factor", std::to_string(watermark_scale_factor)},
                {demotion, "true"},
                {balancing, "2"}};
    }
};

// The best of the sweep, by docs/benchmarks.md.
constexpr Balancing tuned_balancing = {250, 5000, 10};

std::vector<Policy> balancing_sweep()
{
    std::vector<Policy> all;
    for (const unsigned hot : {250U, 1000U})
        for (const unsigned period : {1000U, 5000U})
            for (const unsigned watermark : {10U, 200U}) {
                const Balancing knobs = {hot, period, watermark};
                all.push_back({.name = knobs.name(),
                               .about =
                                   "numab-tuned with this hot_threshold_ms, scan_period_max_ms and "
                                   "watermark_scale_factor",
                               .settings = knobs.settings()});
            }
    return all;
}

std::vector<Policy> make_policies()
{
    const Setting off = {balancing, "0"}, tiering = {balancing, "2"};
    const Setting keep = {demotion, "false"}, demote = {demotion, "true"};
    std::vector<Policy> all;
    all.push_back({.name = "first-touch",
                   .about = "a page stays where it was first touched",
                   .settings = {off, keep}});
    all.push_back({.name = "numab",
                   .about = "NUMA balancing in memory tiering mode, demotion by reclaim; defaults",
                   .settings = {demote, tiering}});
    all.push_back({.name = "numab-tuned",
                   .about = fmt::format("the same, with the best knobs of the sweep ({})",
                                        tuned_balancing.name()),
                   .settings = tuned_balancing.settings()});
    all.push_back({.name = "damos",
                   .about = "DAMON on physical addresses, migrate_hot and migrate_cold",
                   .damon = true,
                   .settings = {off, keep}});
    all.push_back({.name = "interleave",
                   .about = "page by page on both nodes in turn (MPOL_INTERLEAVE)",
                   .memory = MemoryPolicy::interleave,
                   .settings = {off, keep}});
    all.push_back({.name = "all-slow",
                   .about = "all of the program's memory on the slow node (MPOL_BIND)",
                   .memory = MemoryPolicy::slow,
                   .settings = {off, keep}});
    all.push_back({.name = "all-fast",
                   .about = "first touch on a machine whose fast node holds everything",
                   .settings = {off, keep}});
    all.push_back({.name = "oracle",
                   .about = "the pages that will be accessed most, moved by hand (move_pages) "
                            "before the clock starts",
                   .oracle = true,
                   .settings = {off, keep}});
    all.push_back({.name = "sluice",
                   .about = "Sluice, defaults",
                   .settings = {off, keep, {sluice_enabled, "1"}}});
    all.push_back({.name = "sluice-discard",
                   .about = "Sluice, no process is managed: samples are drained and forgotten",
                   .settings = {off, keep, {sluice_manage, "opt-in"}, {sluice_enabled, "1"}}});
    std::ranges::copy(balancing_sweep(), std::back_inserter(all));
    for (const CollectorConfig &collector : known_collectors())
        all.push_back({.name = std::string(collector.name),
                       .about = std::string(collector.about),
                       .collector = true,
                       .settings = {off, keep}});
    return all;
}

Result<> set_memory_policy(MemoryPolicy policy)
{
    if (policy == MemoryPolicy::none)
        return {};
    const unsigned long nodes = policy == MemoryPolicy::slow ? 0b10 : 0b11;
    const int mode = policy == MemoryPolicy::slow ? MPOL_BIND : MPOL_INTERLEAVE;
    if (::syscall(SYS_set_mempolicy, mode, &nodes, 8 * sizeof(nodes)) != 0)
        return fail(os_error("set", "memory policy", errno));
    return {};
}

// The oracle moves single pages.
Result<> without_huge_pages()
{
    if (::prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) != 0)
        return fail(os_error("disable", "transparent huge pages", errno));
    return {};
}

}  // namespace

const std::vector<Policy> &known_policies()
{
    static const std::vector<Policy> policies = make_policies();
    return policies;
}

const Policy *find_policy(std::string_view name)
{
    const auto &all = known_policies();
    const auto it = std::ranges::find(all, name, &Policy::name);
    return it == all.end() ? nullptr : &*it;
}

Result<Policy> start(const Sysroot &root, Policy policy)
{
    if (policy.damon) {
        const auto damon = damon_settings(root);
        if (!damon)
            return propagate(damon);
        policy.settings.insert(policy.settings.end(), damon->begin(), damon->end());
    }
    for (const auto &[path, value] : policy.settings)
        if (auto written = root.write(path, value); !written)
            return propagate(written);
    if (policy.oracle)
        if (auto off = without_huge_pages(); !off)
            return propagate(off);
    if (auto set = set_memory_policy(policy.memory); !set)
        return propagate(set);
    return policy;
}

Result<> stop(const Sysroot &root, const Policy &policy)
{
    if (policy.damon)
        return damon_stop(root);
    for (const auto &[path, value] : policy.settings)
        if ((path == sluice_enabled || path == balancing) && value != "0")
            if (auto off = root.write(path, "0"); !off)
                return off;
    return {};
}

}  // namespace sluice::bench
