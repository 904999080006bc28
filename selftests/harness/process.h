// SPDX-License-Identifier: GPL-2.0-or-later
// A child process that cannot outlive its owner.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/result.h"

namespace harness {

struct ProcessConfig {
    std::vector<std::string> argv;
    std::vector<std::string> env;  // NAME=value, on top of the caller's
    int out = -1;                  // -1: inherited
    int err = -1;
};

class Process {
public:
    static Result<Process> start(const ProcessConfig &config);

    Process(Process &&other) noexcept;
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;
    ~Process();  // kills it if it still runs

    pid_t pid() const { return pid_; }

    // The exit status in a shell's terms (128 + signal), once it has ended.
    std::optional<int> poll();
    std::optional<int> wait(std::chrono::milliseconds at_most);
    void kill();

private:
    explicit Process(pid_t pid) : pid_(pid) {}

    pid_t pid_;
    std::optional<int> status_;
};

// True once somebody wants this program to stop (SIGINT, SIGTERM, SIGHUP).
bool interrupted();
void watch_for_interrupts();

}  // namespace harness
