// SPDX-License-Identifier: GPL-2.0-or-later
// The sysctls under /proc/sys/vm/sluice.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace sluice {

using KnobValue = std::variant<uint64_t, std::string>;
using Knobs = std::map<std::string, KnobValue, std::less<>>;

KnobValue parse_knob(std::string_view text);  // a number where it is one
Result<Knobs> read_knobs(const Sysroot &root);
Result<> write_knob(const Sysroot &root, std::string_view name, std::string_view value);
bool is_enabled(const Knobs &knobs);

}  // namespace sluice
