// SPDX-License-Identifier: GPL-2.0-or-later
// From what was seen to verdicts. Pure, so that every way to fail can be tested.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/guest_run.h"
#include "harness/ktap.h"
#include "harness/manifest.h"

namespace harness {

// The tests' results, and one case more for the guest itself: it must have
// booted, ended by itself, and its kernel must not have complained.
std::vector<TestCase> judge_guest(const Job &job, const GuestResult &guest);

// The same for the kernel's own tests, whose results are on the console.
std::vector<TestCase> judge_kunit(const Job &job, const GuestResult &guest);

// The same for a kernel that is itself the tests.
std::vector<TestCase> judge_bare(const Job &job, const GuestResult &guest);

// A program of the host; no status: it ran out of time.
std::vector<TestCase> judge_host(const Job &job, std::string_view log, std::optional<int> status);

// The sum over all lines "NAME: 123" of "info pmu"; nothing if there is none.
std::optional<uint64_t> pmu_total(std::string_view info, std::string_view name);

// The value of "# measured NAME VALUE" in the results.
std::optional<uint64_t> measured(std::string_view results, std::string_view name);

}  // namespace harness
