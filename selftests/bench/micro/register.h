// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <nlohmann/json.hpp>

namespace bench {

void register_channel();
void register_classifier();
void register_placement();

// Bytes that a managed process costs, by part.
nlohmann::json memory_of_a_process();

}  // namespace bench
