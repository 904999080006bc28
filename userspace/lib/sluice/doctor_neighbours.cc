// SPDX-License-Identifier: GPL-2.0-or-later
// Who else moves pages, or uses the counters.
#include "sluice/doctor_facts.h"

#include <fmt/format.h>

namespace sluice {

namespace {

constexpr std::string_view damon = "/sys/kernel/mm/damon/admin/kdamonds";

Check check_watchdog(const DoctorFacts &facts)
{
    Check check{"nmi-watchdog", "no NMI watchdog on the counters", false, Verdict::yes, "off", ""};
    if (facts.text("/proc/sys/kernel/nmi_watchdog") == "1") {
        check.verdict = Verdict::no;
        check.reason = "on: it takes a counter of each CPU, and counts all the time";
        check.fix = "sysctl kernel.nmi_watchdog=0";
    }
    return check;
}

Check check_numa_balancing(const DoctorFacts &facts)
{
    Check check{"numa-balancing", "no NUMA balancing", false, Verdict::yes, "off", ""};
    const std::string mode = facts.text("/proc/sys/kernel/numa_balancing");
    if (mode.empty()) {
        check.reason = "not in this kernel";
    } else if (mode != "0") {
        check.verdict = Verdict::no;
        check.reason = fmt::format("kernel.numa_balancing is {}: it moves pages, too{}", mode,
                                   mode == "2" ? ", and between tiers" : "");
        check.fix = "sysctl kernel.numa_balancing=0";
    }
    return check;
}

Check check_damon(const DoctorFacts &facts)
{
    Check check{"damon", "no DAMON at work", false, Verdict::yes, "", ""};
    const std::string number = facts.text(std::string(damon) + "/nr_kdamonds");
    check.reason = number.empty() ? "not in this kernel" : "no kdamond is on";
    for (int i = 0; !number.empty() && i < std::atoi(number.c_str()); ++i)
        if (facts.text(fmt::format("{}/{}/state", damon, i)) == "on") {
            check.verdict = Verdict::no;
            check.reason =
                fmt::format("kdamond {} is on: its schemes may move or reclaim pages", i);
            check.fix = fmt::format("echo off > {}/{}/state", damon, i);
        }
    return check;
}

// Reclaim that demotes fills the slow tier by its own idea of cold.
Check check_demotion(const DoctorFacts &facts)
{
    Check check{"demotion", "no demotion by reclaim", false, Verdict::yes, "off", ""};
    const std::string mode = facts.text("/sys/kernel/mm/numa/demotion_enabled");
    if (mode.empty()) {
        check.reason = "not in this kernel";
    } else if (mode == "true" || mode == "1") {
        check.verdict = Verdict::no;
        check.reason = "on: under pressure, reclaim demotes what is old, not what is cold";
        check.fix = "echo false > /sys/kernel/mm/numa/demotion_enabled";
    }
    return check;
}

}  // namespace

void check_neighbours(const DoctorFacts &facts, Checks &checks)
{
    checks.push_back(check_watchdog(facts));
    checks.push_back(check_numa_balancing(facts));
    checks.push_back(check_damon(facts));
    checks.push_back(check_demotion(facts));
}

}  // namespace sluice
