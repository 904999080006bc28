// SPDX-License-Identifier: GPL-2.0-or-later
// The CPU and its performance monitoring unit, as far as /proc, /sys, the kernel's log and, where
// they can be read, the CPU's registers tell.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct Cpu {
    std::string vendor;  // "GenuineIntel"
    std::string name;
    unsigned family = 0;
    unsigned model = 0;
    std::optional<double> mhz;  // of the moment
    std::set<std::string, std::less<>> flags;

    bool has(std::string_view flag) const { return flags.find(flag) != flags.end(); }
};

// The first CPU of /proc/cpuinfo.
Result<Cpu> parse_cpuinfo(std::string_view text);

// What is not known has no value.
struct Pmu {
    bool present = false;             // the kernel has a driver for it
    bool hybrid = false;              // different kinds of cores, a PMU for each
    std::string name;                 // "icelake"
    std::optional<unsigned> version;  // of architectural performance monitoring
    bool pebs = false;                // the kernel offers memory events
    std::optional<unsigned> pebs_format;
    std::optional<bool> adaptive;  // records made of groups that can be chosen
    bool load_latency = false;     // the kernel offers a threshold for load latency
    bool needs_auxiliary = false;  // ... but only together with a second event
};

// `log`: the kernel's messages, see kernel_log.h.
Pmu read_pmu(const Sysroot &root, const std::vector<std::string> &log);

}  // namespace sluice
