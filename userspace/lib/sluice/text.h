// SPDX-License-Identifier: GPL-2.0-or-later
// Small pure helpers for the kernel's text files.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace sluice {

std::vector<std::string_view> split_lines(std::string_view text);   // without empty ones
std::vector<std::string_view> split_fields(std::string_view line);  // at runs of blanks
std::string_view trim(std::string_view text);

// The whole of the text must be the number.
std::optional<uint64_t> parse_number(std::string_view text, int base = 10);

// "0-1,3" as the kernel prints masks of CPUs and nodes; empty text is an empty list.
std::optional<std::vector<int>> parse_id_list(std::string_view text);

}  // namespace sluice
