// SPDX-License-Identifier: GPL-2.0-or-later
// Results of all jobs, counted and written for people and for machines.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/ktap.h"

namespace harness {

struct JobResult {
    std::string name;
    std::vector<TestCase> cases;
    std::chrono::milliseconds time{0};
    std::string log_dir;
    std::string rerun;                 // one line for a shell
    std::vector<std::string> console;  // its last lines, if a guest's
};

struct Totals {
    size_t passed = 0;
    size_t failed = 0;  // errors and timeouts included
    size_t skipped = 0;

    bool good() const { return failed == 0 && passed > 0; }
};

Totals count(const std::vector<TestCase> &cases);
Totals count(const std::vector<JobResult> &jobs);

std::string summary_line(const Totals &totals);
std::string text_report(const JobResult &job);
std::string failures_again(const std::vector<JobResult> &jobs);
std::string json_report(const std::vector<JobResult> &jobs);
std::string junit_report(const std::vector<JobResult> &jobs);

}  // namespace harness
