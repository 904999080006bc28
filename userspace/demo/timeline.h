// SPDX-License-Identifier: GPL-2.0-or-later
// Where the accesses went as a phase went on: for the eye while it runs, for a plot afterwards.
#pragma once

#include <functional>
#include <string>

#include "cli/output_json.h"
#include "sluice/perf_counter.h"
#include "workload/progress.h"

namespace sluice {

class Timeline {
public:
    using Reader = std::function<Result<TierAccesses>()>;

    // Without a reader it tells of the progress alone.
    Timeline(std::string phase, uint64_t operations, Reader read = {});

    // Call it as often as you like: it looks at most ten times a phase.
    void tick(uint64_t done);
    Json json() const { return points_; }

private:
    std::string phase_;
    uint64_t operations_;
    Reader read_;
    void note(uint64_t done, std::chrono::nanoseconds elapsed);

    Clock::time_point start_ = Clock::now();
    TierAccesses last_;
    uint64_t next_;
    Json points_ = Json::array();
};

}  // namespace sluice
