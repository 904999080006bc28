// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/qmp.h"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace harness {

namespace {

using Json = nlohmann::json;

Result<int> connect_to(const std::filesystem::path &path, std::chrono::milliseconds timeout)
{
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.string().size() >= sizeof(address.sun_path))
        return fail("connect to", path, "the path is too long for a socket");
    std::strcpy(address.sun_path, path.c_str());
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval tv = {static_cast<time_t>(timeout.count() / 1000),
                        static_cast<suseconds_t>(timeout.count() % 1000 * 1000)};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
    if (::connect(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) != 0) {
        auto error = fail_errno("connect to", path);
        close(fd);
        return error;
    }
    return fd;
}

}  // namespace

Result<Qmp> Qmp::connect(const std::filesystem::path &socket, std::chrono::milliseconds timeout)
{
    auto fd = connect_to(socket, timeout);
    if (!fd)
        return tl::make_unexpected(fd.error());
    Qmp qmp(*fd);
    if (auto greeting = qmp.read_line(); !greeting)
        return tl::make_unexpected(greeting.error());
    if (auto ok = qmp.execute(R"({"execute": "qmp_capabilities"})"); !ok)
        return tl::make_unexpected(ok.error());
    return qmp;
}

Qmp::~Qmp()
{
    if (fd_ >= 0)
        close(fd_);
}

Result<std::string> Qmp::read_line()
{
    for (;;) {
        const auto end = buffer_.find('\n');
        if (end != std::string::npos) {
            std::string line = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return line;
        }
        char chunk[4096];
        const ssize_t n = recv(fd_, chunk, sizeof(chunk), 0);
        if (n == 0)
            return fail("read from", "QEMU's control socket", "it was closed");
        if (n < 0 && errno != EINTR)
            return fail_errno("read from", "QEMU's control socket");
        buffer_.append(chunk, n < 0 ? 0 : static_cast<size_t>(n));
    }
}

// Skips events; returns the answer's "return" as text.
Result<std::string> Qmp::execute(const std::string &request)
{
    const std::string line = request + "\n";
    if (send(fd_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return fail_errno("write to", "QEMU's control socket");
    for (;;) {
        auto answer = read_line();
        if (!answer)
            return answer;
        const Json j = Json::parse(*answer, nullptr, false);
        if (j.is_discarded())
            return fail("understand", "QEMU's control socket", *answer);
        if (j.contains("error"))
            return fail("execute", request, j["error"].value("desc", "unknown error"));
        if (j.contains("return"))
            return j["return"].is_string() ? j["return"].get<std::string>() : j["return"].dump();
    }
}

Result<std::string> Qmp::monitor_command(const std::string &line)
{
    const Json request = {{"execute", "human-monitor-command"},
                          {"arguments", {{"command-line", line}}}};
    auto answer = execute(request.dump());
    if (answer)
        std::erase(*answer, '\r');
    return answer;
}

Result<void> Qmp::quit()
{
    if (auto ok = execute(R"({"execute": "quit"})"); !ok)
        return tl::make_unexpected(ok.error());
    return {};
}

Result<void> Qmp::save(const std::filesystem::path &file, std::chrono::milliseconds at_most)
{
    const Json request = {{"execute", "migrate"},
                          {"arguments", {{"uri", "file:" + file.string()}}}};
    if (auto ok = execute(request.dump()); !ok)
        return tl::make_unexpected(ok.error());
    const auto end = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        auto answer = execute(R"({"execute": "query-migrate"})");
        if (!answer)
            return tl::make_unexpected(answer.error());
        const auto state = Json::parse(*answer).value("status", "");
        if (state == "completed")
            return {};
        if (state == "failed" || state == "cancelled" || std::chrono::steady_clock::now() > end)
            return fail("save the machine to", file, "migration is '" + state + "'");
        usleep(20000);
    }
}

Result<void> Qmp::stop()
{
    if (auto ok = execute(R"({"execute": "stop"})"); !ok)
        return tl::make_unexpected(ok.error());
    return {};
}

Result<void> Qmp::resume(std::chrono::milliseconds at_most)
{
    const auto end = std::chrono::steady_clock::now() + at_most;
    for (;;) {
        auto answer = execute(R"({"execute": "query-status"})");
        if (!answer)
            return tl::make_unexpected(answer.error());
        if (Json::parse(*answer).value("status", "") != "inmigrate")
            break;
        if (std::chrono::steady_clock::now() > end)
            return fail("resume", "the machine", "it is still being read");
        usleep(20000);
    }
    if (auto ok = execute(R"({"execute": "cont"})"); !ok)
        return tl::make_unexpected(ok.error());
    return {};
}

Result<void> Qmp::plug_vcpu()
{
    auto answer = execute(R"({"execute": "query-hotpluggable-cpus"})");
    if (!answer)
        return tl::make_unexpected(answer.error());
    Json next;
    for (const auto &cpu : Json::parse(*answer))
        if (!cpu.contains("qom-path"))
            next = cpu;  // the list begins with the last one
    if (next.is_null())
        return fail("add a vCPU", "the machine", "it has no room for one");
    Json arguments = next.at("props");
    arguments["driver"] = next.at("type");
    arguments["id"] = "plugged";
    const Json request = {{"execute", "device_add"}, {"arguments", arguments}};
    if (auto ok = execute(request.dump()); !ok)
        return tl::make_unexpected(ok.error());
    return {};
}

}  // namespace harness
