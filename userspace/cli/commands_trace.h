// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands that simulate, record and draw: one function each, as in commands.h.
#pragma once

#include "cli/commands.h"
#include "picture/heat_grid.h"
#include "sim/simulator.h"
#include "trace/recorder.h"

#include <string>
#include <vector>

namespace sluice {

struct SimOptions {
    SimConfig config;
    std::vector<std::string> sweeps;
    std::string output;  // a recording of the run; empty: none
    std::string input;   // a recording to re-run instead; empty: none
    std::string script;  // output of perf script to run instead of a pattern; empty: none
    uint64_t pid = 0;    // of its process; 0: the one with most samples
};

enum class HeatFormat { text, csv, svg };

struct RecordingOptions {
    std::string input = "sluice.data";
    uint64_t pid = 0;  // 0: the process with most samples
    std::string html;  // report: a page instead of text
    HeatFormat format = HeatFormat::text;
    std::string output;    // heatmap: empty is stdout
    unsigned rows = 0;     // 0: as suits the format
    unsigned columns = 0;  // the same
    HeatOptions heat;
};

int run_record(const CommonOptions &common, const trace::RecordConfig &config);
int run_sim(const CommonOptions &common, SimOptions &options);
int run_report(const CommonOptions &common, const RecordingOptions &options);
int run_heatmap(const CommonOptions &common, const RecordingOptions &options);

}  // namespace sluice
