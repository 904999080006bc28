// SPDX-License-Identifier: GPL-2.0-or-later
// Two processes on one CPU that wake each other through pipes: nothing but context switches.
#pragma once

#include "workload/load.h"

#include <sys/types.h>

namespace sluice {

// An operation is one round: two context switches.
class PingPong : public Load {
public:
    static Result<std::unique_ptr<Load>> create();
    ~PingPong() override;

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override { return wrong_; }

private:
    PingPong(Arena arena, int to, int from, pid_t child)
        : Load(std::move(arena)), to_(to), from_(from), child_(child)
    {
    }

    int to_, from_;
    pid_t child_;
    uint64_t next_ = 0;
    uint64_t wrong_ = 0;
};

}  // namespace sluice
