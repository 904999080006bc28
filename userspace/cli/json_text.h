// SPDX-License-Identifier: GPL-2.0-or-later
// A JSON document as text, always.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace sluice {

constexpr int json_on_one_line = -1;

// A process may call itself anything, also what is not UTF-8: then with U+FFFD in its place.
inline std::string json_text(const nlohmann::ordered_json &document, int indent = 2)
{
    return document.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
}

}  // namespace sluice
