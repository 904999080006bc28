// SPDX-License-Identifier: GPL-2.0-or-later
// Can this host's KVM give a guest the PEBS that Sluice needs?
#pragma once

#include <cstdint>

#include "harness/result.h"

namespace harness {

// Asks KVM itself; the error says what is missing.
Result<void> kvm_gives_pebs();

// PERF_CAPABILITIES as KVM offers them to guests, and whether it knows the
// load-latency threshold register. Pure; split off for the tests.
Result<void> judge_kvm(uint64_t perf_capabilities, bool has_load_latency);

}  // namespace harness
