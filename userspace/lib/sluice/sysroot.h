// SPDX-License-Identifier: GPL-2.0-or-later
// The one way to /proc and /sys: paths below a root that can be a captured tree.
#pragma once

#include "sluice/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class Sysroot {
public:
    explicit Sysroot(std::filesystem::path root = "/") : root_(std::move(root)) {}

    // Paths are absolute names as the kernel documents them: "/proc/vmstat".
    Result<std::string> read(std::string_view path) const;
    // Exactly `size` bytes from `offset` on.
    Result<std::string> read_at(std::string_view path, uint64_t offset, size_t size) const;
    Result<> write(std::string_view path, std::string_view text) const;
    Result<std::vector<std::string>> list(std::string_view directory) const;  // sorted names
    bool exists(std::string_view path) const;
    bool writable(std::string_view path) const;    // by us
    bool is_live() const { return root_ == "/"; }  // this machine, now: not a captured tree
    std::filesystem::path resolve(std::string_view path) const;

private:
    std::filesystem::path root_;
};

}  // namespace sluice
