// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/ping_pong.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>

namespace sluice {

namespace {

// Sends back one more than what it gets, until the other end is closed.
[[noreturn]] void answer(int from, int to)
{
    uint64_t number = 0;
    while (::read(from, &number, sizeof(number)) == static_cast<ssize_t>(sizeof(number))) {
        ++number;
        if (::write(to, &number, sizeof(number)) != static_cast<ssize_t>(sizeof(number)))
            break;
    }
    ::_exit(0);
}

}  // namespace

Result<std::unique_ptr<Load>> PingPong::create()
{
    auto arena = Arena::create(0);
    if (!arena)
        return propagate(arena);
    int ping[2], pong[2];
    if (::pipe(ping) != 0 || ::pipe(pong) != 0)
        return fail(os_error("make", "a pipe", errno));
    const pid_t child = ::fork();
    if (child < 0)
        return fail(os_error("start", "a second process", errno));
    if (child == 0) {
        ::close(ping[1]);
        ::close(pong[0]);
        answer(ping[0], pong[1]);
    }
    ::close(ping[0]);
    ::close(pong[1]);
    return std::unique_ptr<Load>(new PingPong(std::move(*arena), ping[1], pong[0], child));
}

PingPong::~PingPong()
{
    ::close(to_);
    ::close(from_);
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
}

void PingPong::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        uint64_t number = ++next_;
        if (::write(to_, &number, sizeof(number)) != static_cast<ssize_t>(sizeof(number)) ||
            ::read(from_, &number, sizeof(number)) != static_cast<ssize_t>(sizeof(number)) ||
            number != next_ + 1)
            wrong_ += sizeof(number);
    }
}

}  // namespace sluice
