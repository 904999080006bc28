// SPDX-License-Identifier: GPL-2.0-or-later
// One run of the demo, inside a guest: a load under observation, with Sluice on or off.
#pragma once

#include <string>

#include "cli/output_json.h"
#include "demo/observer.h"
#include "workload/gups.h"
#include "workload/kv_client.h"

namespace sluice {

struct RunConfig {
    std::string name;       // as in "latest-sluice"
    std::string directory;  // where result.json and the captured tree go
    bool sluice = false;
    KnobSettings knobs;
};

struct RedisRunConfig {
    RunConfig run;
    KvConfig kv;
    uint64_t reads = 0;
};

// Both give the JSON object that they have written to result.json.
Result<Json> run_redis(const RedisRunConfig &config);
Result<Json> run_gups(const RunConfig &run, const GupsConfig &config);

}  // namespace sluice
