// SPDX-License-Identifier: GPL-2.0-or-later
// What `perf script -F comm,pid,time,addr` prints of `perf mem record`, as programs to simulate.
#pragma once

#include "sim/program.h"
#include "sluice/result.h"

#include <string_view>

namespace sluice {

struct PerfScript {
    std::vector<Program> programs;  // by pid
    uint64_t left_out = 0;          // lines without an address of user space
};

// `path` is for messages. perf says nothing of mappings: memory is where samples are; where two
// are more than 64 MiB apart, what is between them is not taken for memory of the program.
Result<PerfScript> parse_perf_script(std::string_view text, const std::string &path);

}  // namespace sluice
