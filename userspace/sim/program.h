// SPDX-License-Identifier: GPL-2.0-or-later
// A real program as the simulated guest runs it: where its memory is, and its sampled accesses.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

struct Access {
    uint64_t time_ns = 0;  // since the first access of all programs
    uint64_t address = 0;
};

struct Program {
    uint64_t pid = 0;
    std::string name;
    std::vector<std::pair<uint64_t, uint64_t>> spans;  // start and end, by address
    std::vector<Access> accesses;                      // by time

    uint64_t bytes() const;
};

uint64_t bytes_of(const std::vector<Program> &programs);
// The end of the last access, in ns.
uint64_t duration_ns(const std::vector<Program> &programs);

// Share of all accesses that the hottest `bytes` of memory serve, told apart by pieces of 2 MiB.
double best_hit_ratio(const std::vector<Program> &programs, uint64_t bytes);

}  // namespace sluice
