// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel tells of a run: counters from before to after, and the picture at its end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sluice/perf_counter.h"
#include "sluice/processes.h"
#include "sluice/result.h"
#include "sluice/sysroot.h"
#include "sluice/vmstat.h"

namespace sluice {

// Counters at one instant; a kernel without Sluice has no sluice_* ones, and all are 0.
struct Snapshot {
    Counters sluice;
    uint64_t pages_migrated = 0;  // by anyone
    uint64_t context_switches = 0;

    static Result<Snapshot> take(const Sysroot &root);
};

Snapshot difference(const Snapshot &after, const Snapshot &before);

using KnobSettings = std::map<std::string, std::string>;

// It must not move pages beside us, and not in the runs without us either.
Result<> switch_off_numa_balancing(const Sysroot &root);

Result<> switch_on(const Sysroot &root, const KnobSettings &knobs);
// Afterwards no sample is in flight any more.
Result<> switch_off(const Sysroot &root);

// Copies what `sluice map PID` reads, so that it can be drawn later and elsewhere with --sysroot.
Result<> capture_process(const Sysroot &root, int pid, const std::string &directory);

// Writes the file as a whole or not at all.
Result<> write_result(const std::string &path, const std::string &text);

}  // namespace sluice
