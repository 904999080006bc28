// SPDX-License-Identifier: GPL-2.0-or-later
// What a kernel's console log says about its health. Pure functions of text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace harness {

// Lines without "\r" and without the kernel's time stamp are what the functions below match.
std::vector<std::string> console_lines(std::string_view log);
std::string_view without_timestamp(std::string_view line);

// Every complaint of the kernel: warnings, BUGs, oopses, lockdep, stalls, leaks, panics. A data
// race that KCSAN reports counts if our series takes part in it; Linux has many of its own.
std::vector<std::string> kernel_complaints(std::string_view log);

// The last line with this text in it (and without the other), from there on; else empty.
std::string last_line_with(std::string_view log, std::string_view text,
                           std::string_view without = "");

std::vector<std::string> last_lines(std::string_view log, size_t count);

}  // namespace harness
