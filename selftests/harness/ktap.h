// SPDX-License-Identifier: GPL-2.0-or-later
// Test results as the kernel's KTAP describes them, and what is missing from them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harness {

enum class Verdict { passed, failed, skipped, error, timeout };

const char *verdict_name(Verdict verdict);

struct TestCase {
    std::string name;
    Verdict verdict = Verdict::error;
    std::string detail;  // why, if it did not pass
};

// Every planned result is there as a case: one that never came, or whose line was
// cut off, is an error. An empty plan is an error, too. Lines that are not KTAP are
// ignored, so a console log will do (time stamps are taken off).
std::vector<TestCase> parse_ktap(std::string_view text);

}  // namespace harness
