// SPDX-License-Identifier: GPL-2.0-or-later
// The counters of /proc/vmstat, and the account that every sample is held in.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sluice {

using Counters = std::map<std::string, uint64_t, std::less<>>;

// Every counter whose name starts with the prefix, under its full name.
Result<Counters> parse_vmstat(std::string_view text, std::string_view prefix = "sluice_");
Result<Counters> read_sluice_counters(const Sysroot &root);
// Context switches of all CPUs since boot, from /proc/stat.
Result<uint64_t> read_context_switches(const Sysroot &root);

uint64_t value_of(const Counters &counters, std::string_view name);  // absent: 0
// after - before, name by name; counters are monotonic.
Counters difference(const Counters &after, const Counters &before);
// The counters named prefix + X, as X.
Counters with_prefix(const Counters &counters, std::string_view prefix);
uint64_t sum(const Counters &counters);

// records = classified + dropped + in flight. What is in flight sits in channels, waiting for the
// epoch; it may be seen negative for a moment, because the counters are not read at one instant.
struct SampleAccount {
    uint64_t records = 0;
    uint64_t classified = 0;
    Counters dropped;  // by reason
    uint64_t dropped_total = 0;
    int64_t in_flight = 0;

    bool exact() const { return in_flight == 0; }
};

SampleAccount account_of(const Counters &counters);

}  // namespace sluice
