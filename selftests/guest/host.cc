// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/host.h"

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "guest/job.h"
#include "guest/kernel.h"

namespace guest {

namespace {

// Does not sleep: in virtual time an idle machine would be through with its patience at once.
std::string read_line(int fd)
{
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::string line;
    while (line.empty() || line.back() != '\n') {
        char c;
        const ssize_t n = read(fd, &c, 1);
        if (n == 1)
            line += c;
        else if ((n < 0 && errno != EAGAIN) || std::chrono::steady_clock::now() > end)
            throw std::runtime_error("the host does not answer");
    }
    line.pop_back();
    return line;
}

}  // namespace

Host::Host() : fd_(-1)
{
    const char *port = std::getenv(kHostEnv);
    if (port)
        fd_ = open(port, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd_ < 0)
        throw std::runtime_error("this guest has no port to its host");
}

Host::~Host()
{
    close(fd_);
}

std::string Host::ask(const std::string &request)
{
    const auto line = request + "\n";
    if (write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
        throw std::runtime_error("cannot ask the host");
    const auto answer = read_line(fd_);
    if (answer != "ok" && !answer.starts_with("ok "))
        throw HostRefuses(fmt::format("the host, asked for {}: {}", request, answer));
    return answer == "ok" ? "" : answer.substr(3);
}

void Host::balloon(uint64_t mib)
{
    ask(fmt::format("balloon {}", mib));
}

void Host::plug(uint64_t mib, int node)
{
    ask(fmt::format("plug {} {}", mib, node));
}

void Host::unplug()
{
    ask("unplug");
}

uint64_t Host::resident_kb(int node)
{
    return std::stoull(ask(fmt::format("resident {}", node)));
}

std::map<unsigned, uint64_t> Host::msr_accesses()
{
    std::map<unsigned, uint64_t> accesses;
    std::istringstream words(ask("msrs"));
    for (std::string word; words >> word;) {
        const auto colon = word.find(':');
        accesses[static_cast<unsigned>(std::stoul(word, nullptr, 16))] =
            std::stoull(word.substr(colon + 1));
    }
    return accesses;
}

uint64_t balloon_mib()
{
    const auto now = Counters::now();
    return (now["balloon_inflate"] - now["balloon_deflate"]) * 4 / 1024;
}

}  // namespace guest
