// SPDX-License-Identifier: GPL-2.0-or-later
// A command that starts when it is told to, so that nothing of it is missed.
#pragma once

#include "sluice/result.h"

#include <sys/types.h>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sluice::trace {

class Child {
public:
    // Forked, and waiting.
    static Result<Child> prepare(const std::vector<std::string> &command);
    Child(Child &&other) noexcept;
    ~Child();

    // Lets it run; fails if the program cannot be started.
    Result<> start();
    // Its exit status, or 128 and the signal, once it has ended.
    std::optional<int> ended();
    // Asks it to end (SIGTERM), calls meanwhile() until it has, or until that says no or the
    // patience is over: then it is killed. False if it was.
    bool end(std::chrono::milliseconds patience, const std::function<bool()> &meanwhile);
    // Ends it, whether it wants to or not (SIGKILL), and waits.
    void kill();
    pid_t pid() const { return pid_; }

private:
    Child() = default;
    std::string name_;
    pid_t pid_ = 0;
    int go_ = -1;     // a byte written here lets it run
    int error_ = -1;  // an errno comes back here if exec fails
    std::optional<int> status_;
};

}  // namespace sluice::trace
