// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/program.h"

#include <algorithm>
#include <map>

namespace sluice {

namespace {
constexpr uint64_t piece_bytes = uint64_t{2} << 20;
}  // namespace

uint64_t Program::bytes() const
{
    uint64_t sum = 0;
    for (const auto &[start, end] : spans)
        sum += end - start;
    return sum;
}

uint64_t bytes_of(const std::vector<Program> &programs)
{
    uint64_t sum = 0;
    for (const Program &program : programs)
        sum += program.bytes();
    return sum;
}

uint64_t duration_ns(const std::vector<Program> &programs)
{
    uint64_t last = 0;
    for (const Program &program : programs)
        if (!program.accesses.empty())
            last = std::max(last, program.accesses.back().time_ns + 1);
    return last;
}

double best_hit_ratio(const std::vector<Program> &programs, uint64_t bytes)
{
    std::map<std::pair<uint64_t, uint64_t>, uint64_t> pieces;
    uint64_t all = 0, hits = 0;
    for (const Program &program : programs)
        for (const Access &access : program.accesses) {
            ++pieces[{program.pid, access.address / piece_bytes}];
            ++all;
        }
    std::vector<uint64_t> counts;
    for (const auto &[piece, count] : pieces)
        counts.push_back(count);
    std::ranges::sort(counts, std::greater());
    for (size_t i = 0; i < counts.size() && (i + 1) * piece_bytes <= bytes; ++i)
        hits += counts[i];
    return all == 0 ? 0 : static_cast<double>(hits) / static_cast<double>(all);
}

}  // namespace sluice
