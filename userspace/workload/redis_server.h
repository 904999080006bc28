// SPDX-License-Identifier: GPL-2.0-or-later
// The distribution's redis-server as a child process, in memory only.
#pragma once

#include <sys/types.h>

#include <string>

#include "sluice/result.h"

namespace sluice {

class RedisServer {
public:
    // Keeps its socket and log in `directory`; returns when the server answers.
    static Result<RedisServer> start(const std::string &directory);
    ~RedisServer();
    RedisServer(RedisServer &&other) noexcept;
    RedisServer &operator=(RedisServer &&) = delete;

    int pid() const { return pid_; }
    const std::string &socket() const { return socket_; }
    // Asks it to end; an error if it had ended before or ended badly.
    Result<> stop();

private:
    RedisServer(pid_t pid, std::string socket) : pid_(pid), socket_(std::move(socket)) {}

    pid_t pid_;
    std::string socket_;
};

}  // namespace sluice
