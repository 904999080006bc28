// SPDX-License-Identifier: GPL-2.0-or-later
// A copy of a captured tree, to change one thing in it.
#pragma once

#include "sluice/sysroot.h"
#include "tests/run_command.h"

#include <filesystem>
#include <string>

namespace sluice {

class TreeCopy {
public:
    explicit TreeCopy(const std::string &fixture)
    {
        std::filesystem::copy(std::string(FIXTURES "/") + fixture, directory_.path(),
                              std::filesystem::copy_options::recursive);
    }

    const std::string &path() const { return directory_.path(); }
    Sysroot root() const { return Sysroot(path()); }
    void put(const std::string &file, const std::string &text) const
    {
        write_file(path() + file, text);
    }
    std::string get(const std::string &file) const { return read_file(path() + file); }
    void remove(const std::string &file) const { std::filesystem::remove_all(path() + file); }

private:
    TemporaryDirectory directory_;
};

// The process that was captured with all its mappings.
inline std::string captured_pid(const Sysroot &root)
{
    const auto names = root.list("/proc").value();
    for (const std::string &name : names)
        if (root.exists("/proc/" + name + "/smaps"))
            return name;
    return "0";
}

}  // namespace sluice
