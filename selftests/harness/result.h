// SPDX-License-Identifier: GPL-2.0-or-later
// What can go wrong, said in full: the operation, the path, why, and what to do.
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace harness {

struct Error {
    std::string operation;
    std::string path;
    std::string reason;
    std::string hint;

    std::string text() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string operation, std::string path, std::string reason,
                                  std::string hint = "")
{
    return tl::make_unexpected(
        Error{std::move(operation), std::move(path), std::move(reason), std::move(hint)});
}

// The same with the text of errno as the reason.
tl::unexpected<Error> fail_errno(std::string operation, std::string path, std::string hint = "");

}  // namespace harness
