// SPDX-License-Identifier: GPL-2.0-or-later
// One run for each combination of the values that parameters are to take.
#pragma once

#include "sim/simulator.h"

#include <string>
#include <utility>
#include <vector>

namespace sluice {

struct SweepAxis {
    std::string name;
    std::vector<uint64_t> values;
};

// "period=509,1021,4093"
Result<SweepAxis> parse_axis(std::string_view text);
// Names that parse_axis() knows, for messages.
std::string sweep_names();

struct SweepRun {
    std::vector<std::pair<std::string, uint64_t>> values;  // one per axis
    SimResult result;
};

Result<std::vector<SweepRun>> sweep(const SimConfig &config, const std::vector<SweepAxis> &axes);

}  // namespace sluice
