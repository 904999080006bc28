// SPDX-License-Identifier: GPL-2.0-or-later
// What the commands find out, as plain values; output_text and output_json make it readable.
#pragma once

#include "sluice/knobs.h"
#include "sluice/processes.h"
#include "sluice/topology.h"
#include "sluice/vmstat.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

struct StatusReport {
    Knobs knobs;
    std::vector<MemoryNode> nodes;
    std::vector<Tier> tiers;
    ProcessList processes;
    Counters counters;
};

Result<StatusReport> collect_status(const Sysroot &root);

// Does it work? The first of these that is true.
enum class Health {
    off,
    no_samples,       // none was ever taken
    nothing_managed,  // there is no process that it looks at
    all_dropped,      // samples come, but none is counted into a range
    works,
};
Health health_of(const StatusReport &report);
const char *health_name(Health health);
// The same as a sentence that says what to do, or with figures if there is nothing to do.
std::string health_text(const StatusReport &report);

// One process, managed or not: where its memory is.
struct ProcessReport {
    int pid = 0;
    std::string name;
    std::vector<Tier> tiers;
    BytesByKind memory;
    RangeTable table;
};

Result<ProcessReport> collect_process(const Sysroot &root, int pid);

struct RangesReport {
    ManagedProcess process;
    uint64_t epoch_ms = 0;
    uint64_t left_out = 0;
};

struct KnobsReport {
    Knobs knobs;
};

struct SetReport {
    std::vector<KnobChange> changed;
};

struct CostReport {
    bool since_boot = true;
    uint64_t nanoseconds = 0;
    Counters counters;
};

struct TopReport {
    double seconds = 0;
    StatusReport now;
    Counters delta;                          // of the counters, over the seconds
    std::map<int, uint64_t> samples_by_pid;  // over the seconds

    double rate(std::string_view counter) const;
};

TopReport compare(const StatusReport &before, StatusReport now, double seconds);

struct MapReport {
    ManagedProcess process;
    BytesByNode node_bytes;  // of the whole process, ranges or not
};

Result<MapReport> collect_map(const Sysroot &root, int pid);

}  // namespace sluice
