// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest asks the harness for on its console.

#include <fstream>
#include <optional>
#include <utility>

#include <gtest/gtest.h>

#include "harness/files.h"
#include "harness/requests.h"

namespace {

using harness::Requests;

class RequestsOfAGuest : public testing::Test {
protected:
    void say(std::string_view text) const
    {
        std::ofstream(console_, std::ios::app | std::ios::binary) << text;
    }

    harness::TempDir dir_ = std::move(*harness::TempDir::create());
    std::filesystem::path console_ = dir_.path() / "console";
    Requests requests_{console_};
};

TEST_F(RequestsOfAGuest, NoneWithoutAConsole)
{
    EXPECT_EQ(requests_.next(), std::nullopt);
}

TEST_F(RequestsOfAGuest, EachComesOnce)
{
    say("hello\nharness: move\n[    1.5] harness: plug\r\nbye\n");
    EXPECT_EQ(requests_.next(), "move");
    EXPECT_EQ(requests_.next(), "plug");
    EXPECT_EQ(requests_.next(), std::nullopt);
}

TEST_F(RequestsOfAGuest, NotBeforeItsLineIsWhole)
{
    say("harness: pl");
    EXPECT_EQ(requests_.next(), std::nullopt);
    say("ug\n");
    EXPECT_EQ(requests_.next(), "plug");
}

}  // namespace
