// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/redis_server.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "workload/kv_client.h"

namespace sluice {

namespace {

constexpr int start_seconds = 60;  // an emulated machine is slow

// Output goes to the log; what fails before the server runs ends with 127, as in a shell.
Result<pid_t> spawn(std::vector<std::string> words, const std::string &log)
{
    std::vector<char *> arguments;
    for (std::string &word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0) {
        Error failed = os_error("start", words[0], error);
        failed.hint = "install it: apt-get install redis-server";
        return fail(failed);
    }
    return pid;
}

bool answers(const std::string &socket)
{
    KvConfig config;
    config.address.unix_path = socket;
    auto client = KvClient::connect(config);
    return client && client->ping();
}

bool has_ended(pid_t pid)
{
    return ::waitpid(pid, nullptr, WNOHANG) == pid;
}

}  // namespace

RedisServer::RedisServer(RedisServer &&other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::move(other.socket_))
{
}

RedisServer::~RedisServer()
{
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

// Nothing but where it listens and that it keeps nothing on disk; all else is as it ships.
Result<RedisServer> RedisServer::start(const std::string &directory)
{
    const std::string socket = directory + "/redis.sock", log = directory + "/redis.log";
    const auto pid = spawn({"redis-server", "--port", "0", "--unixsocket", socket, "--save", "",
                            "--appendonly", "no", "--dir", directory},
                           log);
    if (!pid)
        return propagate(pid);
    RedisServer server(*pid, socket);
    const auto deadline = Clock::now() + std::chrono::seconds(start_seconds);
    while (!answers(socket)) {
        const bool ended = has_ended(*pid);
        if (ended)
            server.pid_ = -1;
        if (ended || Clock::now() > deadline)
            return fail(Error{Code::failed, "start", "redis-server",
                              ended ? "it ended at once" : "it does not answer", "see " + log});
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return server;
}

Result<> RedisServer::stop()
{
    const pid_t pid = std::exchange(pid_, -1);
    int status = 0;
    if (has_ended(pid))
        return fail(Error{Code::failed, "stop", "redis-server", "it had ended before", {}});
    if (::kill(pid, SIGTERM) != 0 || ::waitpid(pid, &status, 0) != pid)
        return fail(os_error("stop", "redis-server", errno));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(Error{Code::failed, "stop", "redis-server", "it ended badly", {}});
    return {};
}

}  // namespace sluice
