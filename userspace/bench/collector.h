// SPDX-License-Identifier: GPL-2.0-or-later
// How others collect access samples: what the kernel offers to everybody, PEBS records in perf's
// ring, and a thread that reads them. Classification is a counter for each page.
#pragma once

#include "sluice/result.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace sluice::bench {

enum class Reading {
    wake_up,  // sleeps until the ring is half full, or an epoch is over
    busy,     // looks at the ring all the time
    timed,    // looks every 2 ms
};

struct CollectorConfig {
    std::string_view name;
    std::string_view about;
    Reading reading = Reading::wake_up;
    uint64_t period = 4093;
    unsigned budget_percent = 0;  // of a CPU: the period follows it; 0: it is constant
    bool single_records = false;  // an interrupt for every record
    bool discard = false;         // reads and forgets
};

std::span<const CollectorConfig> known_collectors();
const CollectorConfig *find_collector(std::string_view name);

struct Collected {
    uint64_t samples = 0;
    uint64_t lost = 0;
    uint64_t pages = 0;  // that have a counter
    uint64_t last_period = 0;
};

class Collector {
public:
    static Result<std::unique_ptr<Collector>> start(const CollectorConfig &config);
    ~Collector();
    Collected stop();  // what came until now

private:
    class Work;
    explicit Collector(std::unique_ptr<Work> work);
    std::unique_ptr<Work> work_;
};

}  // namespace sluice::bench
