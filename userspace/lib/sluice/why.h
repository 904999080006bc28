// SPDX-License-Identifier: GPL-2.0-or-later
// Why is the page at an address in the tier that it is in?
#pragma once

#include "sluice/mappings.h"
#include "sluice/processes.h"
#include "sluice/topology.h"
#include "sluice/vmstat.h"

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

enum class WhyVerdict {
    switched_off,       // Sluice is off
    not_mapped,         // nothing is at the address
    process_unmanaged,  // the whole process is left alone
    mapping_unmanaged,  // this mapping is left alone
    no_range_yet,       // it will be looked at with the next epoch
    in_fast_tier,       // it is where it belongs, all of its range is
    on_its_way,         // its range belongs in the fast tier, not all of it is there yet
    partly_fast,        // its range is at the edge: as much of it as fits is in the fast tier
    not_hot_enough,     // others are denser, and they fill the fast tier
};

struct WhyReport {
    uint64_t address = 0;
    int pid = 0;
    std::string name;
    std::optional<Mapping> mapping;
    std::optional<Range> range;
    std::optional<int> node;  // of the page; no value: not in memory, or not known
    std::optional<int> tier;  // of that node
    std::string node_unknown_because;
    size_t rank = 0;            // of the range among all ranges of all processes, 1 is the densest
    size_t ranked = 0;          // how many there are
    uint64_t denser_bytes = 0;  // resident memory of the ranges before it
    uint64_t capacity_bytes = 0;
    double weakest_fast = 0;  // samples per MiB of the least dense range that belongs in fast
    uint64_t epoch_ms = 0;
    Counters refused;  // pages, by reason: of the whole system
    WhyVerdict verdict = WhyVerdict::not_mapped;
    std::string because;  // a sentence
    std::string fix;      // what could be done; may be empty
};

const char *name_of(WhyVerdict verdict);

Result<WhyReport> explain_address(const Sysroot &root, int pid, uint64_t address);

}  // namespace sluice
