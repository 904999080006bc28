// SPDX-License-Identifier: GPL-2.0-or-later
// What perf prints, read strictly: a line that is not understood is an error.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace guest {

// A line of perf script.
struct PerfSample {
    uint64_t ip = 0;
    uint64_t address = 0;
    uint64_t weight = 0;
    std::string event;
    std::string symbol;  // "random_load+0x0"
    std::string level;   // where the data came from: "L3 hit", "Remote RAM hit", ...
    std::map<std::string, uint64_t> registers;
};

// perf stat -x';': an event that was not counted, or not all the time, is missing.
std::map<std::string, uint64_t> parse_stat(std::string_view csv);

// perf script with these fields; ",iregs" may follow.
inline constexpr char kScriptFields[] = "event,addr,data_src,weight,ip,sym,symoff";
std::vector<PerfSample> parse_script(std::string_view text);

// "cpu/mem-loads/P", "instructions:upp": does the event ask for PEBS?
bool is_precise(const std::string &event);

// A line of /proc/interrupts: "PMI:" and so on, summed over all CPUs.
uint64_t sum_of_interrupts(std::string_view text, const std::string &name);

}  // namespace guest
