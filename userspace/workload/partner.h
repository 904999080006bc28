// SPDX-License-Identifier: GPL-2.0-or-later
// A child process that takes messages through a pipe, and answers through another one.
#pragma once

#include "sluice/result.h"

#include <sys/types.h>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>

namespace sluice {

template <class T>
std::span<std::byte> bytes_of(T &value)
{
    return std::as_writable_bytes(std::span(&value, 1));
}

// One process's ends of the two pipes. Messages are as long as both sides have agreed on.
class PipePair {
public:
    PipePair(int to, int from) : to_(to), from_(from) {}
    ~PipePair();
    PipePair(PipePair &&other) noexcept
        : to_(std::exchange(other.to_, -1)), from_(std::exchange(other.from_, -1))
    {
    }
    PipePair &operator=(PipePair &&) = delete;

    // False if the other process has closed its ends.
    bool send(std::span<const std::byte> message);
    bool receive(std::span<std::byte> message);

private:
    int to_, from_;
};

class Partner {
public:
    // The child shares no page that is touched later; it ends when `serve` returns.
    static Result<Partner> start(const std::function<void(PipePair &)> &serve);
    ~Partner();
    Partner(Partner &&other) noexcept
        : process_(std::exchange(other.process_, -1)), pipes_(std::move(other.pipes_))
    {
    }
    Partner &operator=(Partner &&) = delete;

    pid_t process() const { return process_; }
    bool send(std::span<const std::byte> message) { return pipes_.send(message); }
    bool receive(std::span<std::byte> message) { return pipes_.receive(message); }

private:
    Partner(pid_t process, PipePair pipes) : process_(process), pipes_(std::move(pipes)) {}

    pid_t process_;
    PipePair pipes_;
};

}  // namespace sluice
