// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/result.h"

#include <fmt/format.h>
#include <cerrno>
#include <system_error>

namespace sluice {

namespace {

std::string usual_hint(int errno_value)
{
    switch (errno_value) {
        case EACCES:
        case EPERM:
            return "run as root, or as the owner of the process";
        case ENOENT:
            return "check the path";
        case ESRCH:
            return "the process has gone";
        case ECONNREFUSED:
            return "start the server, or name another address";
        default:
            return {};
    }
}

// A permission, a device or a feature: trying again does not help.
bool is_missing(int errno_value)
{
    switch (errno_value) {
        case EACCES:
        case EPERM:
        case ENODEV:
        case EOPNOTSUPP:
        case ENOSYS:
            return true;
        default:
            return false;
    }
}

}  // namespace

Error os_error(std::string_view operation, std::string_view path, int errno_value)
{
    return Error{is_missing(errno_value) ? Code::missing : Code::failed, std::string(operation),
                 std::string(path), std::generic_category().message(errno_value),
                 usual_hint(errno_value)};
}

std::string describe(const Error &error)
{
    std::string line = "cannot " + error.operation;
    if (!error.path.empty())
        line += " " + error.path;
    line += ": " + error.reason;
    if (!error.hint.empty())
        line += fmt::format(" ({})", error.hint);
    return line;
}

}  // namespace sluice
