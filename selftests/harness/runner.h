// SPDX-License-Identifier: GPL-2.0-or-later
// Runs test jobs, a few at a time.
#pragma once

#include <functional>
#include <vector>

#include "harness/layout.h"
#include "harness/manifest.h"
#include "harness/report.h"
#include "harness/result.h"

namespace harness {

JobResult run_job(const Layout &layout, const Job &job);

// Called in the order in which jobs start and end, never twice at a time.
struct Progress {
    std::function<void(const Job &)> started = [](const Job &) {};
    std::function<void(const JobResult &)> ended = [](const JobResult &) {};
};

// Results are in the order of the jobs, whatever ran first. An error means that
// another run goes on in the same build directory.
Result<std::vector<JobResult>> run_jobs(const Layout &layout, const std::vector<Job> &jobs,
                                        unsigned at_once, const Progress &progress);

}  // namespace harness
