// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/kernel_log.h"

#include "sluice/text.h"

#include <fcntl.h>
#include <unistd.h>
#include <array>
#include <cerrno>

namespace sluice {

// One read(2) is one message; at the end of the log, it would wait for the next one.
Result<std::vector<std::string>> read_kernel_log(const Sysroot &root)
{
    const auto path = root.resolve("/dev/kmsg");
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return fail(os_error("read", path.string(), errno));
    std::string text;
    std::array<char, 8192> buffer;
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got > 0)
            text.append(buffer.data(), static_cast<size_t>(got));
        else if (got == 0 || (errno != EPIPE && errno != EINTR))  // EPIPE: some was overwritten
            break;
    }
    ::close(fd);
    return parse_kmsg(text);
}

// "6,339,5140900,-;NET: Registered PF_INET6\n SUBSYSTEM=net\n": lines of details start with a
// blank.
std::vector<std::string> parse_kmsg(std::string_view text)
{
    std::vector<std::string> messages;
    for (std::string_view line : split_lines(text)) {
        const size_t semicolon = line.find(';');
        if (line.front() != ' ' && semicolon != std::string_view::npos)
            messages.emplace_back(line.substr(semicolon + 1));
    }
    return messages;
}

std::string last_message(const std::vector<std::string> &log, std::string_view prefix)
{
    for (auto message = log.rbegin(); message != log.rend(); ++message)
        if (message->starts_with(prefix))
            return message->substr(prefix.size());
    return {};
}

}  // namespace sluice
