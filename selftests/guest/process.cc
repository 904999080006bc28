// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/process.h"

#include <atomic>
#include <csignal>
#include <filesystem>
#include <stdexcept>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace guest {

namespace {

std::atomic<bool> stop_wanted = false;

}  // namespace

Child::Child(const std::function<int()> &body) : pid_(fork())
{
    if (pid_ < 0)
        throw std::runtime_error("cannot fork");
    if (pid_ > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGTERM, [](int) { stop_wanted = true; });
    int status = 111;
    try {
        status = body();
    } catch (...) {
    }
    _exit(status);
}

Child::~Child()
{
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        wait();
    }
}

int Child::stop()
{
    kill(pid_, SIGTERM);
    return wait();
}

int Child::wait()
{
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

const char *program_that_does_nothing()
{
    static constexpr char kPath[] = "/tmp/nothing";
    static const bool copied = std::filesystem::copy_file(
        GUEST_NOTHING, kPath, std::filesystem::copy_options::overwrite_existing);
    return copied ? kPath : GUEST_NOTHING;
}

bool Child::stopped()
{
    return stop_wanted;
}

}  // namespace guest
