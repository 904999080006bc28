// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/partner.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <optional>

namespace sluice {

PipePair::~PipePair()
{
    for (const int end : {to_, from_})
        if (end >= 0)
            ::close(end);
}

bool PipePair::send(std::span<const std::byte> message)
{
    while (!message.empty()) {
        const ssize_t sent = ::write(to_, message.data(), message.size());
        if (sent <= 0)
            return false;
        message = message.subspan(static_cast<size_t>(sent));
    }
    return true;
}

bool PipePair::receive(std::span<std::byte> message)
{
    while (!message.empty()) {
        const ssize_t got = ::read(from_, message.data(), message.size());
        if (got <= 0)
            return false;
        message = message.subspan(static_cast<size_t>(got));
    }
    return true;
}

// Each process closes the ends that are the other's: a pipe ends when its last writer does.
Result<Partner> Partner::start(const std::function<void(PipePair &)> &serve)
{
    int there[2], back[2];
    if (::pipe(there) != 0)
        return fail(os_error("make", "a pipe", errno));
    if (::pipe(back) != 0) {
        const int error = errno;
        const PipePair unused(there[1], there[0]);
        return fail(os_error("make", "a pipe", error));
    }
    std::optional<PipePair> own(PipePair(there[1], back[0])), theirs(PipePair(back[1], there[0]));
    const pid_t child = ::fork();
    if (child < 0)
        return fail(os_error("start", "a second process", errno));
    if (child == 0) {
        own.reset();
        serve(*theirs);
        ::_exit(0);
    }
    return Partner(child, std::move(*own));
}

Partner::~Partner()
{
    if (process_ <= 0)
        return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace sluice
