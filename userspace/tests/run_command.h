// SPDX-License-Identifier: GPL-2.0-or-later
// Runs a program as a user does: its exit status and both its outputs.
#pragma once

#include <string>

namespace sluice {

struct Finished {
    int status = -1;
    std::string out;
    std::string err;
};

// `command` is a line for the shell; stdin is empty.
Finished run_command(const std::string &command);

// Shared by tests that need a directory of their own; removed when it goes.
class TemporaryDirectory {
public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory &) = delete;
    TemporaryDirectory &operator=(const TemporaryDirectory &) = delete;
    const std::string &path() const { return path_; }

private:
    std::string path_;
};

void write_file(const std::string &path, const std::string &text);
std::string read_file(const std::string &path);

}  // namespace sluice
