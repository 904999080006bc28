// SPDX-License-Identifier: GPL-2.0-or-later
// A child that runs a function until it is told to stop.
#pragma once

#include <functional>

#include <sys/types.h>

namespace guest {

class Child {
public:
    // The function's value is the exit status; it should return soon after stop() is true.
    explicit Child(const std::function<int()> &body);
    ~Child();
    Child(const Child &) = delete;
    Child &operator=(const Child &) = delete;

    pid_t pid() const { return pid_; }
    int stop();  // asks it to end, waits, gives its exit status (128 + signal)
    int wait();  // waits for it to end by itself

    static bool stopped();  // inside the child

private:
    pid_t pid_;
};

// A program in memory that does nothing, made at the first call; for execl().
const char *program_that_does_nothing();

}  // namespace guest
