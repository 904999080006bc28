// SPDX-License-Identifier: GPL-2.0-or-later
// One cell of the matrix: a load under a policy, in a guest that does nothing else.
#pragma once

#include "bench/policy.h"
#include "sluice/result.h"
#include "workload/load.h"

#include <nlohmann/json.hpp>

namespace sluice::bench {

using Json = nlohmann::json;

struct CellConfig {
    LoadConfig load;
    std::string policy = "first-touch";
    std::vector<Setting> settings;  // on top of the policy's, before it starts
    uint64_t operations = 1'000'000;
    uint64_t points = 50;  // of the timeline
};

// Fills the memory, runs the load, verifies the memory: a result by the schema sluice.bench-cell/1.
Result<Json> run_cell(const CellConfig &config);

}  // namespace sluice::bench
