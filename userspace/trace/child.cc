// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace sluice::trace {

namespace {

// As a shell says it.
int status_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// In the child: waits for the word, becomes the command, or says why not.
[[noreturn]] void become(std::vector<char *> arguments, int go, int error)
{
    char word = 0;
    if (::read(go, &word, 1) != 1)
        ::_exit(1);  // the parent has changed its mind
    ::execvp(arguments[0], arguments.data());
    const int reason = errno;
    (void)!::write(error, &reason, sizeof(reason));
    ::_exit(127);
}

}  // namespace

Result<Child> Child::prepare(const std::vector<std::string> &command)
{
    std::array<int, 2> go{}, error{};
    if (::pipe2(go.data(), O_CLOEXEC) != 0 || ::pipe2(error.data(), O_CLOEXEC) != 0)
        return fail(os_error("start", command[0], errno));
    std::vector<char *> arguments;
    for (const std::string &argument : command)
        arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    Child child;
    child.name_ = command[0];
    child.pid_ = ::fork();
    if (child.pid_ == 0) {
        ::close(go[1]);
        become(std::move(arguments), go[0], error[1]);
    }
    const int fork_error = errno;
    ::close(go[0]);
    ::close(error[1]);
    child.go_ = go[1];
    child.error_ = error[0];
    if (child.pid_ < 0) {
        child.pid_ = 0;
        return fail(os_error("start", command[0], fork_error));
    }
    return child;
}

Child::Child(Child &&other) noexcept
    : name_(std::move(other.name_)),
      pid_(std::exchange(other.pid_, 0)),
      go_(std::exchange(other.go_, -1)),
      error_(std::exchange(other.error_, -1)),
      status_(other.status_)
{
}

Child::~Child()
{
    for (const int fd : {go_, error_})
        if (fd >= 0)
            ::close(fd);
    go_ = -1;
    if (pid_ != 0 && !status_)
        kill();
}

Result<> Child::start()
{
    (void)!::write(go_, "g", 1);
    int reason = 0;
    // Ends without a word when exec has closed the other end.
    const bool failed = ::read(error_, &reason, sizeof(reason)) == sizeof(reason);
    if (failed)
        return fail(os_error("start", name_, reason));
    return {};
}

std::optional<int> Child::ended()
{
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
        status_ = status_of(status);
    return status_;
}

bool Child::end(std::chrono::milliseconds patience, const std::function<bool()> &meanwhile)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    if (ended())
        return true;
    ::kill(pid_, SIGTERM);
    while (!ended())
        if (!meanwhile() || std::chrono::steady_clock::now() >= deadline) {
            kill();
            return false;
        }
    return true;
}

void Child::kill()
{
    int status = 0;
    if (ended())
        return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR)
        continue;
    status_ = status_of(status);
}

}  // namespace sluice::trace
