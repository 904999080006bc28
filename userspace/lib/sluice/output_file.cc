// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>

namespace sluice {

namespace {

bool write_all(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t put = ::write(fd, text.data(), text.size());
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        text.remove_prefix(static_cast<size_t>(put));
    }
    return true;
}

Result<> write_new(const std::string &path, std::string_view text)
{
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail(os_error("write", path, errno));
    const bool good = write_all(fd, text) && ::fsync(fd) == 0;
    const int error = errno;
    ::close(fd);
    if (good)
        return {};
    ::unlink(path.c_str());
    return fail(os_error("write", path, error));
}

}  // namespace

// The name does not end like the file's: node_exporter reads every *.prom.
Result<> write_atomically(const std::string &path, std::string_view text)
{
    const std::string beside = fmt::format("{}.{}.new", path, ::getpid());
    if (auto written = write_new(beside, text); !written)
        return written;
    if (std::rename(beside.c_str(), path.c_str()) == 0)
        return {};
    const int error = errno;
    ::unlink(beside.c_str());
    return fail(os_error("replace", path, error));
}

}  // namespace sluice
