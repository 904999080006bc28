// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/ping_pong.h"

namespace sluice {

namespace {

// Sends back one more than what it gets.
void answer(PipePair &pipes)
{
    for (uint64_t number = 0; pipes.receive(bytes_of(number));)
        if (++number; !pipes.send(bytes_of(number)))
            break;
}

}  // namespace

Result<std::unique_ptr<Load>> PingPong::create()
{
    auto arena = Arena::create(0);
    if (!arena)
        return propagate(arena);
    auto partner = Partner::start(answer);
    if (!partner)
        return propagate(partner);
    return std::unique_ptr<Load>(new PingPong(std::move(*arena), std::move(*partner)));
}

void PingPong::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        uint64_t number = ++next_;
        if (!partner_.send(bytes_of(number)) || !partner_.receive(bytes_of(number)) ||
            number != next_ + 1)
            wrong_ += sizeof(number);
    }
}

}  // namespace sluice
