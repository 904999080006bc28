// SPDX-License-Identifier: GPL-2.0-or-later
// CPU, PMU, PEBS: the order in which the kernel asks for them.
#include "sluice/doctor_facts.h"

#include <fmt/format.h>
#include <algorithm>

namespace sluice {

namespace {

constexpr unsigned oldest_format = 4;
constexpr unsigned oldest_version = 5;
constexpr const char *newer_cpu = "use an Ice Lake server CPU (Xeon, 3rd generation)";
constexpr const char *read_log =
    "run as root, so that the kernel's log can be read; if the messages of the boot have gone from "
    "it: modprobe msr cpuid";

bool is_guest(const DoctorFacts &facts)
{
    return facts.cpu && facts.cpu->has("hypervisor");
}

// What may be missing in a guest is the host's to give.
std::string fix_for(const DoctorFacts &facts, const std::string &in_guest)
{
    return is_guest(facts) ? in_guest : newer_cpu;
}

Check check_cpu(const DoctorFacts &facts)
{
    Check check{"cpu", "an Intel CPU", true, Verdict::unknown, "", ""};
    if (!facts.cpu) {
        check.reason = "/proc/cpuinfo does not describe an x86 CPU";
        check.fix = newer_cpu;
        return check;
    }
    const Cpu &cpu = *facts.cpu;
    check.reason =
        fmt::format("{} family {} model {} ({})", cpu.vendor, cpu.family, cpu.model, cpu.name);
    check.verdict = cpu.vendor == "GenuineIntel" ? Verdict::yes : Verdict::no;
    if (check.verdict == Verdict::no)
        check.fix = std::string("PEBS is Intel's: ") + newer_cpu;
    return check;
}

Check check_pmu(const DoctorFacts &facts)
{
    const Pmu &pmu = facts.pmu;
    Check check{"pmu", "a performance monitoring unit of version 5", true, Verdict::no, "", ""};
    if (!pmu.present) {
        check.reason = "the kernel has no driver for one";
        check.fix = fix_for(facts, "give the guest a PMU: QEMU's -cpu ...,pmu=on");
    } else if (pmu.hybrid) {
        check.reason = "different kinds of cores have different PMUs";
        check.fix = "use a CPU with one kind of core";
    } else if (!pmu.version) {
        check.verdict = Verdict::unknown;
        check.reason = "its version is not known";
        check.fix = read_log;
    } else {
        check.reason = fmt::format("version {}{}", *pmu.version,
                                   pmu.name.empty() ? "" : " (" + pmu.name + ")");
        check.verdict = *pmu.version >= oldest_version ? Verdict::yes : Verdict::no;
        if (check.verdict == Verdict::no)
            check.fix = fix_for(facts, "have the host pass on the PMU of an Ice Lake server CPU");
    }
    return check;
}

Check check_pebs(const DoctorFacts &facts)
{
    const Pmu &pmu = facts.pmu;
    Check check{"pebs", "PEBS of format 4 or later", true, Verdict::no, "", ""};
    if (!pmu.pebs) {
        check.reason = pmu.present ? "the PMU has no PEBS" : "no PMU, no PEBS";
        check.fix = fix_for(facts,
                            "the hypervisor hides PEBS: KVM passes it on from Linux 6.0 on, "
                            "with -cpu host,pmu=on on a host that has it");
    } else if (!pmu.pebs_format) {
        check.verdict = Verdict::unknown;
        check.reason = "there is PEBS, but its format is not known";
        check.fix = read_log;
    } else {
        check.reason = fmt::format("format {}", *pmu.pebs_format);
        check.verdict = *pmu.pebs_format >= oldest_format ? Verdict::yes : Verdict::no;
        if (check.verdict == Verdict::no)
            check.fix = newer_cpu;
    }
    return check;
}

Check check_adaptive(const DoctorFacts &facts)
{
    const Pmu &pmu = facts.pmu;
    Check check{"adaptive-pebs", "adaptive PEBS records", true, Verdict::no, "", ""};
    if (!pmu.pebs) {
        check.reason = "no PEBS";
        check.fix = "see pebs";
    } else if (!pmu.adaptive) {
        check.verdict = Verdict::unknown;
        check.reason = "not known";
        check.fix = read_log;
    } else if (*pmu.adaptive) {
        check.verdict = Verdict::yes;
        check.reason = "groups of a record can be chosen (baseline)";
    } else {
        check.reason = "records have one fixed layout";
        check.fix = fix_for(facts,
                            "the hypervisor hides it: upstream KVM does; the host needs a "
                            "KVM that passes on PERF_CAP_PEBS_BASELINE");
    }
    return check;
}

Check check_load_latency(const DoctorFacts &facts)
{
    const Pmu &pmu = facts.pmu;
    Check check{"load-latency", "a load latency event", true, Verdict::no, "", ""};
    if (!pmu.load_latency) {
        check.reason = "the PMU has no load latency threshold (format/ldlat)";
        check.fix = fix_for(facts,
                            "the host must give the guest MSR_PEBS_LD_LAT_THRESHOLD: "
                            "upstream KVM does not");
    } else {
        check.verdict = Verdict::yes;
        check.reason = pmu.needs_auxiliary
                           ? "the threshold can be set, with an auxiliary event (mem-loads-aux)"
                           : "the threshold can be set (format/ldlat)";
    }
    return check;
}

// Emulated or virtual: not good or bad in itself, but it says whom to ask.
Check check_host(const DoctorFacts &facts)
{
    Check check{"host", "a host that can give PEBS", false, Verdict::yes, "not in a guest", ""};
    if (!is_guest(facts))
        return check;
    const std::string product = facts.text("/sys/class/dmi/id/sys_vendor") + " " +
                                facts.text("/sys/class/dmi/id/product_name");
    const bool kvm = std::any_of(facts.log.begin(), facts.log.end(), [](const std::string &line) {
        return line.find("Hypervisor detected: KVM") != std::string::npos;
    });
    const bool has_pebs = facts.pmu.pebs;
    check.reason = "in a guest" + (product == " " ? "" : " on " + product) + (kvm ? ", KVM" : "") +
                   (has_pebs ? ", PEBS is passed on" : ", PEBS is hidden");
    check.verdict = has_pebs ? Verdict::yes : Verdict::no;
    if (!has_pebs)
        check.fix =
            "see docs/hardware.md; to try it without such a host: scripts/vm (emulated "
            "CPU with PEBS)";
    return check;
}

}  // namespace

void check_hardware(const DoctorFacts &facts, Checks &checks)
{
    checks.push_back(check_cpu(facts));
    checks.push_back(check_pmu(facts));
    checks.push_back(check_pebs(facts));
    checks.push_back(check_adaptive(facts));
    checks.push_back(check_load_latency(facts));
    checks.push_back(check_host(facts));
}

}  // namespace sluice
