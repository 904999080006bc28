// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/requests.h"

#include "harness/files.h"

namespace harness {

namespace {

constexpr std::string_view kRequest = "harness: ";

}  // namespace

std::optional<std::string> Requests::next()
{
    const auto text = read_file(console_).value_or("");
    const auto at = text.find(kRequest, seen_);
    const auto end = text.find('\n', at);
    if (at == std::string::npos || end == std::string::npos)
        return std::nullopt;
    seen_ = end;
    const auto from = at + kRequest.size();
    auto what = text.substr(from, end - from);
    if (what.ends_with('\r'))
        what.pop_back();
    return what;
}

}  // namespace harness
