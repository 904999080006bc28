// SPDX-License-Identifier: GPL-2.0-or-later
// What a GoogleTest program printed, read with suspicion: a test that was started
// and never ended is an error, and so is a program that announced no tests.
#pragma once

#include <string_view>
#include <vector>

#include "harness/ktap.h"

namespace harness {

std::vector<TestCase> parse_gtest_log(std::string_view log);

}  // namespace harness
