// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/sysroot.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>

namespace sluice {

namespace {

class FileDescriptor {
public:
    FileDescriptor(const std::filesystem::path &path, int flags) : fd_(::open(path.c_str(), flags))
    {
    }
    ~FileDescriptor()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }
    FileDescriptor(const FileDescriptor &) = delete;
    FileDescriptor &operator=(const FileDescriptor &) = delete;
    int get() const { return fd_; }

private:
    int fd_;
};

}  // namespace

std::filesystem::path Sysroot::resolve(std::string_view path) const
{
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return root_ / path;
}

// Plain read(2), not a stream: streams lose the errno, and it is the half of the message that
// helps.
Result<std::string> Sysroot::read(std::string_view path) const
{
    const auto full = resolve(path);
    FileDescriptor file(full, O_RDONLY | O_CLOEXEC);
    if (file.get() < 0)
        return fail(os_error("read", full.string(), errno));
    std::string text;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(os_error("read", full.string(), errno));
        if (got == 0)
            return text;
        text.append(buffer.data(), static_cast<size_t>(got));
    }
}

Result<std::string> Sysroot::read_at(std::string_view path, uint64_t offset, size_t size) const
{
    const auto full = resolve(path);
    FileDescriptor file(full, O_RDONLY | O_CLOEXEC);
    if (file.get() < 0)
        return fail(os_error("read", full.string(), errno));
    std::string bytes(size, '\0');
    const ssize_t got = ::pread(file.get(), bytes.data(), size, static_cast<off_t>(offset));
    if (got < 0)
        return fail(os_error("read", full.string(), errno));
    if (static_cast<size_t>(got) != size)
        return fail(Error{Code::failed, "read", full.string(), "it ends too early", {}});
    return bytes;
}

// One write(2): the kernel takes a knob's new value as a whole.
Result<> Sysroot::write(std::string_view path, std::string_view text) const
{
    const auto full = resolve(path);
    FileDescriptor file(full, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (file.get() < 0)
        return fail(os_error("write", full.string(), errno));
    const ssize_t put = ::write(file.get(), text.data(), text.size());
    if (put < 0)
        return fail(os_error("write", full.string(), errno));
    if (static_cast<size_t>(put) != text.size())
        return fail(Error{Code::failed, "write", full.string(), "only a part was written", {}});
    return {};
}

Result<std::vector<std::string>> Sysroot::list(std::string_view directory) const
{
    const auto full = resolve(directory);
    std::error_code error;
    std::vector<std::string> names;
    auto entry = std::filesystem::directory_iterator(full, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
        names.push_back(entry->path().filename().string());
    if (error)
        return fail(os_error("list", full.string(), error.value()));
    std::sort(names.begin(), names.end());
    return names;
}

bool Sysroot::exists(std::string_view path) const
{
    std::error_code error;
    return std::filesystem::exists(resolve(path), error);
}

bool Sysroot::writable(std::string_view path) const
{
    return ::access(resolve(path).c_str(), W_OK) == 0;
}

}  // namespace sluice
