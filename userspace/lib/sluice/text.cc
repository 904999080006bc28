// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/text.h"

#include <charconv>

namespace sluice {

namespace {

std::vector<std::string_view> split(std::string_view text, std::string_view separators)
{
    std::vector<std::string_view> parts;
    size_t start = text.find_first_not_of(separators);
    while (start != std::string_view::npos) {
        const size_t end = text.find_first_of(separators, start);
        parts.push_back(text.substr(start, end - start));
        start = text.find_first_not_of(separators, end);
    }
    return parts;
}

constexpr int max_id = 4096;  // more CPUs or nodes than any kernel of ours names

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text)
{
    return split(text, "\n");
}

std::vector<std::string_view> split_fields(std::string_view line)
{
    return split(line, " \t");
}

std::string_view trim(std::string_view text)
{
    const size_t start = text.find_first_not_of(" \t\n");
    if (start == std::string_view::npos)
        return {};
    return text.substr(start, text.find_last_not_of(" \t\n") - start + 1);
}

std::optional<uint64_t> parse_number(std::string_view text, int base)
{
    uint64_t value = 0;
    const char *end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (error != std::errc() || stop != end)
        return std::nullopt;
    return value;
}

std::optional<std::vector<int>> parse_id_list(std::string_view text)
{
    std::vector<int> ids;
    for (std::string_view part : split(trim(text), ",")) {
        const size_t dash = part.find('-');
        const auto first = parse_number(part.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_number(part.substr(dash + 1));
        if (!first || !last || *first > *last || *last > max_id)
            return std::nullopt;
        for (uint64_t id = *first; id <= *last; ++id)
            ids.push_back(static_cast<int>(id));
    }
    return ids;
}

}  // namespace sluice
