// SPDX-License-Identifier: GPL-2.0-or-later
// What the checks of the doctor judge: read once, before any of them. Only for doctor*.cc.
#pragma once

#include "sluice/doctor.h"
#include "sluice/hardware.h"
#include "sluice/topology.h"
#include "sluice/vmstat.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice {

struct DoctorFacts {
    const Sysroot &root;
    std::optional<Cpu> cpu;
    Pmu pmu;
    bool log_readable = false;
    std::vector<std::string> log;
    std::vector<MemoryNode> nodes;
    std::vector<Tier> tiers;
    Counters counters;  // all of vmstat

    explicit DoctorFacts(const Sysroot &from);
    std::string text(std::string_view path) const;  // trimmed; empty if it cannot be read
};

using Checks = std::vector<Check>;

void check_hardware(const DoctorFacts &facts, Checks &checks);
void check_memory(const DoctorFacts &facts, Checks &checks);
void check_kernel(const DoctorFacts &facts, Checks &checks);
void check_neighbours(const DoctorFacts &facts, Checks &checks);  // what else moves pages or counts

}  // namespace sluice
