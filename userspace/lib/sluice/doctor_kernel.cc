// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel itself: is Sluice in it, on, at work, and may we use it?
#include "sluice/doctor_facts.h"
#include "sluice/kernel_log.h"
#include "sluice/knobs.h"
#include "sluice/text.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sluice {

namespace {

constexpr const char *boot_kernel = "boot a kernel with patches/guest and CONFIG_SLUICE=y";

Check check_knobs(const DoctorFacts &facts)
{
    Check check{"kernel", "a kernel with Sluice", true, Verdict::no, "", boot_kernel};
    if (!facts.root.exists("/proc/sys/vm/sluice")) {
        check.reason =
            fmt::format("{} has no /proc/sys/vm/sluice", facts.text("/proc/sys/kernel/osrelease"));
        return check;
    }
    std::vector<std::string> absent;
    for (const KnobInfo &knob : known_knobs())
        if (!facts.root.exists(fmt::format("/proc/sys/vm/sluice/{}", knob.name)))
            absent.emplace_back(knob.name);
    check.reason = absent.empty()
                       ? "all knobs are there"
                       : fmt::format("these knobs are missing: {}", fmt::join(absent, ", "));
    if (absent.empty()) {
        check.verdict = Verdict::yes;
        check.fix.clear();
    }
    return check;
}

std::string enabled(const DoctorFacts &facts)
{
    return facts.text("/proc/sys/vm/sluice/enabled");
}

Check check_enabled(const DoctorFacts &facts)
{
    Check check{"enabled", "switched on", false, Verdict::no, "", ""};
    const std::string value = enabled(facts);
    if (value == "1") {
        check.verdict = Verdict::yes;
        check.reason = "vm.sluice.enabled is 1";
        return check;
    }
    check.reason = value.empty() ? "there is no vm.sluice.enabled" : "vm.sluice.enabled is 0";
    check.fix = value.empty() ? "see kernel" : "sluice set enabled=1";
    const std::string refusal = last_message(facts.log, "sluice: cannot enable: ");
    if (!refusal.empty())
        check.reason += "; the kernel refused it: " + refusal;
    return check;
}

Check check_sampling(const DoctorFacts &facts)
{
    Check check{"samples", "samples arrive", false, Verdict::no, "", ""};
    if (enabled(facts) != "1") {
        check.reason = "not switched on";
        check.fix = "see enabled";
        return check;
    }
    const SampleAccount account = account_of(facts.counters);
    check.reason = fmt::format("{} records taken from the CPUs, {} counted into ranges, {} dropped",
                               account.records, account.classified, account.dropped_total);
    check.verdict = account.classified != 0 ? Verdict::yes : Verdict::no;
    if (account.records == 0)
        check.fix =
            "nothing has missed the caches yet, or the PMU counts nothing: start a load "
            "(sluice load gups), and look again";
    else if (account.classified == 0)
        check.fix =
            "all of them belong to processes that are not managed: see vm.sluice.manage "
            "and vm.sluice.min_rss_kb";
    return check;
}

// Of the fastest node of the fastest tier; what is not known has no value.
std::optional<double> fast_latency_cycles(const DoctorFacts &facts)
{
    if (facts.tiers.empty() || !facts.cpu || !facts.cpu->mhz)
        return std::nullopt;
    std::optional<uint64_t> least;
    for (const MemoryNode &node : facts.nodes)
        if (node.read_latency_ns && std::ranges::count(facts.tiers.front().nodes, node.id) != 0)
            least = std::min(least.value_or(*node.read_latency_ns), *node.read_latency_ns);
    if (!least)
        return std::nullopt;
    return static_cast<double>(*least) * *facts.cpu->mhz / 1000;
}

// Memory whose loads are too fast to be sampled looks cold as soon as it is in the fast tier: it is
// moved down, found to be hot, and moved up again.
Check check_threshold(const DoctorFacts &facts)
{
    Check check{"threshold", "loads of the fast tier count as well", false, Verdict::unknown, "",
                ""};
    const auto threshold = parse_number(facts.text("/proc/sys/vm/sluice/load_latency_cycles"));
    const auto latency = fast_latency_cycles(facts);
    if (!threshold) {
        check.reason = "there is no vm.sluice.load_latency_cycles";
        check.fix = "see kernel";
        return check;
    }
    check.reason = fmt::format("loads of {} cycles or more count, ", *threshold);
    if (!latency) {
        check.reason += "the latency of the fast tier is not known";
        check.fix = "see memory-tiers";
        return check;
    }
    check.reason += fmt::format("the fast tier takes about {:.0f}", *latency);
    check.verdict = static_cast<double>(*threshold) <= *latency ? Verdict::yes : Verdict::no;
    if (check.verdict == Verdict::no)
        check.fix = fmt::format(
            "sluice set enabled=0, then load_latency_cycles below {:.0f}, above a hit of the last "
            "cache",
            *latency);
    return check;
}

Check check_permissions(const DoctorFacts &facts)
{
    Check check{"permissions",
                "permission to switch it on and to see all processes",
                false,
                Verdict::yes,
                "",
                ""};
    if (!facts.root.exists("/proc/sys/vm/sluice/enabled")) {
        check.verdict = Verdict::unknown;
        check.reason = "there is nothing to switch on";
        check.fix = "see kernel";
    } else if (facts.root.writable("/proc/sys/vm/sluice/enabled")) {
        check.reason = "the knobs may be written";
    } else {
        check.verdict = Verdict::no;
        check.reason = "the knobs may not be written by this user";
        check.fix = "run as root";
    }
    if (!facts.log_readable) {
        check.verdict = Verdict::no;
        check.reason += "; the kernel's log may not be read";
        check.fix = "run as root";
    }
    return check;
}

Check check_recording(const DoctorFacts &facts)
{
    Check check{"recording", "trace events for sluice record", false, Verdict::unknown, "", ""};
    if (!facts.root.exists("/sys/kernel/tracing/events")) {
        check.reason = "tracefs is not mounted, or may not be read";
        check.fix = "as root: mount -t tracefs nodev /sys/kernel/tracing";
    } else if (facts.root.exists("/sys/kernel/tracing/events/sluice")) {
        check.verdict = Verdict::yes;
        check.reason = "events/sluice is there";
    } else {
        check.verdict = Verdict::no;
        check.reason = "tracefs has no events/sluice";
        check.fix = boot_kernel;
    }
    return check;
}

}  // namespace

void check_kernel(const DoctorFacts &facts, Checks &checks)
{
    checks.push_back(check_knobs(facts));
    checks.push_back(check_enabled(facts));
    checks.push_back(check_sampling(facts));
    checks.push_back(check_threshold(facts));
    checks.push_back(check_permissions(facts));
    checks.push_back(check_recording(facts));
}

}  // namespace sluice
