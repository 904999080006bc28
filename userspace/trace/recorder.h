// SPDX-License-Identifier: GPL-2.0-or-later
// From the kernel's trace into a file.
#pragma once

#include "trace/data_file.h"
#include "trace/event_stream.h"

#include <functional>
#include <string>
#include <vector>

namespace sluice::trace {

struct RecordConfig {
    std::string output = "sluice.data";
    uint64_t pid = 0;                  // record this process alone; 0: see command
    std::vector<std::string> command;  // run it, record it and what it starts; empty: all processes
    uint64_t buffer_kib = 8192;        // of the kernel, per CPU
    double seconds = 0;                // 0: until the process ends or stop() says so
    double patience_s = 5;             // how long the command has to end after SIGTERM
};

struct RecordProgress {
    double seconds = 0;
    uint64_t events = 0;
    uint64_t samples = 0;
    uint64_t bytes = 0;
    uint64_t lost = 0;
};

struct RecordResult {
    RecordProgress last;
    bool stopped = false;  // by stop()
    int child_status = 0;  // of the command
    bool asked = false;    // the command was asked to end, since the recording did
    bool killed = false;   // it did not, and was killed
};

// stop() is asked several times a second; progress() is told as often.
Result<RecordResult> record(const Sysroot &root, const RecordConfig &config,
                            const std::function<bool()> &stop,
                            const std::function<void(const RecordProgress &)> &progress);

// What the recording says of the system: kernel, knobs, tiers.
Info describe_system(const Sysroot &root, const RecordConfig &config);

}  // namespace sluice::trace
