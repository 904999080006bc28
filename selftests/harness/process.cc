// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/process.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace harness {

namespace {

std::atomic<bool> stop_wanted = false;

// Runs between fork and exec: only calls that are safe there.
[[noreturn]] void become(char **argv, char **env, const ProcessConfig &config, int error_pipe)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setpgid(0, 0);  // Ctrl-C reaches the owner, who ends us in order
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    if (config.out >= 0)
        dup2(config.out, STDOUT_FILENO);
    if (config.err >= 0)
        dup2(config.err, STDERR_FILENO);
    execvpe(argv[0], argv, env);
    const int error = errno;
    if (write(error_pipe, &error, sizeof(error)) < 0)
        _exit(126);
    _exit(127);
}

std::vector<char *> pointers(const std::vector<std::string> &strings)
{
    std::vector<char *> out;
    for (const auto &s : strings)
        out.push_back(const_cast<char *>(s.c_str()));
    return out;
}

int shell_status(int status)
{
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Result<Process> Process::start(const ProcessConfig &config)
{
    auto argv = pointers(config.argv);
    argv.push_back(nullptr);
    auto env = pointers(config.env);  // first one wins in getenv()
    for (char **e = environ; *e; e++)
        env.push_back(*e);
    env.push_back(nullptr);

    int error_pipe[2];
    if (pipe2(error_pipe, O_CLOEXEC) != 0)
        return fail_errno("make", "pipe");
    const pid_t pid = fork();
    if (pid == 0)
        become(argv.data(), env.data(), config, error_pipe[1]);
    const int fork_error = errno;
    close(error_pipe[1]);
    int error = 0;
    const ssize_t n = pid < 0 ? 0 : read(error_pipe[0], &error, sizeof(error));
    close(error_pipe[0]);
    if (pid < 0)
        return fail("start", config.argv[0], std::strerror(fork_error));
    if (n == sizeof(error)) {
        waitpid(pid, nullptr, 0);
        return fail("start", config.argv[0], std::strerror(error));
    }
    return Process(pid);
}

Process::Process(Process &&other) noexcept : pid_(other.pid_), status_(other.status_)
{
    other.pid_ = -1;
}

Process::~Process()
{
    if (pid_ < 0 || poll())
        return;
    kill();
    wait(std::chrono::seconds(10));
}

std::optional<int> Process::poll()
{
    int status;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_)
        status_ = shell_status(status);
    return status_;
}

std::optional<int> Process::wait(std::chrono::milliseconds at_most)
{
    const auto end = std::chrono::steady_clock::now() + at_most;
    while (!poll() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return status_;
}

// It leads a process group of its own: its children go with it.
void Process::kill()
{
    if (::kill(-pid_, SIGKILL) != 0)
        ::kill(pid_, SIGKILL);
}

bool interrupted()
{
    return stop_wanted;
}

void watch_for_interrupts()
{
    struct sigaction action = {};
    action.sa_handler = [](int) { stop_wanted = true; };
    for (int s : {SIGINT, SIGTERM, SIGHUP})
        sigaction(s, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace harness
