// SPDX-License-Identifier: GPL-2.0-or-later
// Streams GoogleTest results as KTAP, each line as it becomes known, so that a
// guest that dies leaves behind what it knew.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace guest {

class KtapListener : public testing::EmptyTestEventListener {
public:
    explicit KtapListener(int fd) : fd_(fd) {}

    void OnTestProgramStart(const testing::UnitTest &unit_test) override;
    void OnTestStart(const testing::TestInfo &test) override;
    void OnTestPartResult(const testing::TestPartResult &part) override;
    void OnTestEnd(const testing::TestInfo &test) override;

private:
    void line(std::string_view text);
    void comment(std::string_view text);

    int fd_;
    unsigned number_ = 0;
};

// A number for the harness, which may compare it with what the hardware says.
void measured(const std::string &name, uint64_t value);

}  // namespace guest
