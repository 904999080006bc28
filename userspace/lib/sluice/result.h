// SPDX-License-Identifier: GPL-2.0-or-later
// Result<T>: a value, or an Error that says what was tried, on what, why it failed, what to do.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace sluice {

// The exit codes of the command line, so that an error knows its own.
enum class Code { failed = 1, usage = 2, missing = 3, interrupted = 130 };

struct Error {
    Code code = Code::failed;
    std::string operation;  // what was tried: "read", "parse", "connect to"
    std::string path;       // on what
    std::string reason;     // why it failed, errno's text where there is one
    std::string hint;       // what to do about it
};

// [[nodiscard]]: a result that nobody looks at is a compiler warning.
template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
public:
    using tl::expected<T, Error>::expected;
};

inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

// Hands the error of one result on as the error of another type.
template <class T>
tl::unexpected<Error> propagate(const Result<T> &result)
{
    return fail(result.error());
}

// The error for a failed system call.
Error os_error(std::string_view operation, std::string_view path, int errno_value);

// One line: "cannot OPERATION PATH: REASON (HINT)".
std::string describe(const Error &error);

}  // namespace sluice
