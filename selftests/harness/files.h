// SPDX-License-Identifier: GPL-2.0-or-later
// Whole files in and out, and a directory that goes away by itself.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "harness/result.h"

namespace harness {

Result<std::string> read_file(const std::filesystem::path &path);
Result<void> write_file(const std::filesystem::path &path, std::string_view text);
Result<void> make_dirs(const std::filesystem::path &path);

class TempDir {
public:
    static Result<TempDir> create();

    TempDir(TempDir &&other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
    TempDir(const TempDir &) = delete;
    TempDir &operator=(const TempDir &) = delete;
    ~TempDir();

    const std::filesystem::path &path() const { return path_; }

private:
    explicit TempDir(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
};

}  // namespace harness
