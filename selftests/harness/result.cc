// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/result.h"

#include <cerrno>
#include <cstring>

namespace harness {

std::string Error::text() const
{
    std::string s = "cannot " + operation;
    if (!path.empty())
        s += " " + path;
    s += ": " + reason;
    if (!hint.empty())
        s += " (" + hint + ")";
    return s;
}

tl::unexpected<Error> fail_errno(std::string operation, std::string path, std::string hint)
{
    return fail(std::move(operation), std::move(path), std::strerror(errno), std::move(hint));
}

}  // namespace harness
