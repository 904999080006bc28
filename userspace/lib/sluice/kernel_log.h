// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's messages, as /dev/kmsg gives them.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

// Oldest first, without level, number and time. May need root (kernel.dmesg_restrict).
Result<std::vector<std::string>> read_kernel_log(const Sysroot &root);
std::vector<std::string> parse_kmsg(std::string_view text);

// The last message that starts with the prefix, without it; empty if there is none.
std::string last_message(const std::vector<std::string> &log, std::string_view prefix);

}  // namespace sluice
