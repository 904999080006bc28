// SPDX-License-Identifier: GPL-2.0-or-later
// A recording as one page: no network, no framework, readable without a script.
#pragma once

#include "picture/heat_grid.h"
#include "trace/analysis.h"

#include <string>

namespace sluice {

std::string html_report(const trace::Recording &recording, const trace::ProcessRecord &process);

}  // namespace sluice
