// SPDX-License-Identifier: GPL-2.0-or-later
// Runs cells, as many at a time as there are cores, and says how far it is.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "runner/cell_store.h"

namespace bench {

struct Schedule {
    unsigned at_once = 1;
    bool again = false;  // also what is there already
    std::function<Result<Json>(const Cell &)> run;
    std::function<void(const std::string &)> say;
};

struct Outcome {
    std::map<std::string, Json> results;        // by the cell's name
    std::map<std::string, std::string> failed;  // with the reason
    bool interrupted = false;
};

// "5:07"
std::string minutes(double seconds);
// Seconds that are left: those of cells which ran before as they took then, others as the mean of
// the known ones.
double estimate(const std::vector<double> &known, size_t unknown, double fallback,
                unsigned at_once);

Outcome run_cells(const std::vector<Cell> &cells, const CellStore &store, const Schedule &schedule);

}  // namespace bench
