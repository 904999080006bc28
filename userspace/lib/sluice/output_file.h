// SPDX-License-Identifier: GPL-2.0-or-later
// Files that others read while we write them.
#pragma once

#include "sluice/result.h"

#include <string>
#include <string_view>

namespace sluice {

// A reader finds the old text or the new one, never a part: the text goes to a file beside it,
// which then takes its place. On failure, the old file stays and the new one is removed.
Result<> write_atomically(const std::string &path, std::string_view text);

}  // namespace sluice
