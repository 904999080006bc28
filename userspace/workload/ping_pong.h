// SPDX-License-Identifier: GPL-2.0-or-later
// Two processes on one CPU that wake each other through pipes: nothing but context switches.
#pragma once

#include "workload/load.h"
#include "workload/partner.h"

namespace sluice {

// An operation is one round: two context switches.
class PingPong : public Load {
public:
    static Result<std::unique_ptr<Load>> create();

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override { return wrong_; }

private:
    PingPong(Arena arena, Partner partner) : Load(std::move(arena)), partner_(std::move(partner)) {}

    Partner partner_;
    uint64_t next_ = 0;
    uint64_t wrong_ = 0;
};

}  // namespace sluice
