// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest has said: its result on the console, and what its PMU has done.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "runner/matrix.h"

namespace bench {

// The line that sluice-bench has printed. A guest whose kernel complained, or whose memory was
// corrupted, has no result.
Result<Json> result_of(std::string_view console);

// The monitor's "info pmu", summed over CPUs.
struct PmuActivity {
    uint64_t records = 0;
    uint64_t dropped = 0;
    uint64_t pmis = 0;
    std::map<uint32_t, uint64_t> msr_accesses;  // of the PMU's registers, by number

    uint64_t all_msr_accesses() const;
};

PmuActivity parse_pmu(std::string_view text);
bool is_pmu_register(uint32_t msr);

}  // namespace bench
