// SPDX-License-Identifier: GPL-2.0-or-later
// The little that is needed of QEMU's control protocol.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "harness/result.h"

namespace harness {

class Qmp {
public:
    static Result<Qmp> connect(const std::filesystem::path &socket,
                               std::chrono::milliseconds timeout);

    Qmp(Qmp &&other) noexcept : fd_(other.fd_), buffer_(std::move(other.buffer_))
    {
        other.fd_ = -1;
    }
    Qmp(const Qmp &) = delete;
    Qmp &operator=(const Qmp &) = delete;
    ~Qmp();

    // A request and its "return", both as JSON; a string comes without its quotes.
    Result<std::string> execute(const std::string &request);
    // What a command typed at QEMU's monitor prints.
    Result<std::string> monitor_command(const std::string &line);
    Result<void> quit();

    // Saves the machine to a file; it has stopped then.
    Result<void> save(const std::filesystem::path &file, std::chrono::milliseconds at_most);
    Result<void> stop();
    // Lets a machine run that was saved while it was stopped, once it is there.
    Result<void> resume(std::chrono::milliseconds at_most);
    // Adds the next vCPU that the machine has room for.
    Result<void> plug_vcpu();

private:
    explicit Qmp(int fd) : fd_(fd) {}

    Result<std::string> read_line();

    int fd_;
    std::string buffer_;
};

}  // namespace harness
