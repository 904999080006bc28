// SPDX-License-Identifier: GPL-2.0-or-later
// The real perf, Debian's, run on the program of which every instruction is known.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "guest/perf_output.h"

namespace guest {

// A shell command's output (both streams) and exit status.
struct Output {
    int status = -1;
    std::string text;
};
Output run(const std::string &command);

std::string perf();                         // path of perf
std::string work(const std::string &mode);  // command line of perf-work

// perf stat: each event's count. An event that was not counted, or not all the time, is missing.
std::map<std::string, uint64_t> perf_stat(const std::string &events, const std::string &command);

// perf record with these options, then perf script on what it wrote. Throws with perf's words if it
// fails.
enum class Registers { no, yes };
std::vector<PerfSample> perf_record(const std::string &options, const std::string &command,
                                    Registers registers = Registers::yes);
std::vector<PerfSample> perf_script(const std::string &file, Registers registers);

inline constexpr char kPerfData[] = "/tmp/perf.data";

// Interrupts by performance counters since the machine started, over all CPUs.
uint64_t pmis();

// How many samples of PEBS events all calls together have seen.
uint64_t pebs_samples();

}  // namespace guest
