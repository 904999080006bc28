// SPDX-License-Identifier: GPL-2.0-or-later
// What is known of Sluice as OpenMetrics text, for node_exporter's textfile collector and others.
#pragma once

#include "sluice/knobs.h"
#include "sluice/processes.h"
#include "sluice/topology.h"
#include "sluice/vmstat.h"

#include <string>
#include <vector>

namespace sluice {

// Ends with "# EOF"; sizes in bytes, no timestamps.
std::string open_metrics(const Knobs &knobs, const std::vector<Tier> &tiers,
                         const ProcessList &processes, const Counters &counters);

}  // namespace sluice
