// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/doctor.h"

#include "sluice/doctor_facts.h"
#include "sluice/kernel_log.h"
#include "sluice/text.h"

#include <algorithm>

namespace sluice {

DoctorFacts::DoctorFacts(const Sysroot &from) : root(from)
{
    if (auto messages = read_kernel_log(root)) {
        log_readable = true;
        log = std::move(*messages);
    }
    if (const auto cpuinfo = root.read("/proc/cpuinfo"))
        if (auto parsed = parse_cpuinfo(*cpuinfo))
            cpu = std::move(*parsed);
    pmu = read_pmu(root, log);
    nodes = read_nodes(root).value_or(std::vector<MemoryNode>{});
    tiers = read_tiers(root).value_or(std::vector<Tier>{});
    if (const auto vmstat = root.read("/proc/vmstat"))
        counters = parse_vmstat(*vmstat, "").value_or(Counters{});
}

std::string DoctorFacts::text(std::string_view path) const
{
    const auto content = root.read(path);
    return content ? std::string(trim(*content)) : std::string();
}

std::vector<const Check *> Diagnosis::missing() const
{
    std::vector<const Check *> list;
    for (const Check &check : checks)
        if (check.needed && check.verdict != Verdict::yes)
            list.push_back(&check);
    return list;
}

const Check *Diagnosis::find(std::string_view id) const
{
    const auto found = std::find_if(checks.begin(), checks.end(),
                                    [&](const Check &check) { return check.id == id; });
    return found == checks.end() ? nullptr : &*found;
}

Diagnosis diagnose(const Sysroot &root)
{
    const DoctorFacts facts(root);
    Diagnosis diagnosis;
    diagnosis.kernel = facts.text("/proc/sys/kernel/osrelease");
    diagnosis.cpu = facts.cpu ? facts.cpu->name : "";
    check_hardware(facts, diagnosis.checks);
    check_memory(facts, diagnosis.checks);
    check_kernel(facts, diagnosis.checks);
    check_neighbours(facts, diagnosis.checks);
    return diagnosis;
}

}  // namespace sluice
