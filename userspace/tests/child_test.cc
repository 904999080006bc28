// SPDX-License-Identifier: GPL-2.0-or-later
// The command of `sluice record -- COMMAND`: nothing of it runs too early, its end is told as it
// was.
#include "trace/child.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/run_command.h"

namespace sluice::trace {
namespace {

using namespace std::chrono_literals;

Child prepared(const std::string &script)
{
    return Child::prepare({"sh", "-c", script}).value();
}

int status_of(Child &child)
{
    for (int i = 0; i < 1000; ++i) {
        if (const auto status = child.ended())
            return *status;
        std::this_thread::sleep_for(10ms);
    }
    return -1;
}

TEST(Child, WaitsForTheWord)
{
    const TemporaryDirectory directory;
    const std::string mark = directory.path() + "/mark";
    Child child = prepared("touch " + mark);
    EXPECT_GT(child.pid(), 1);
    std::this_thread::sleep_for(50ms);
    EXPECT_FALSE(child.ended());
    EXPECT_FALSE(std::filesystem::exists(mark));
    ASSERT_TRUE(child.start());
    EXPECT_EQ(status_of(child), 0);
    EXPECT_TRUE(std::filesystem::exists(mark));
}

TEST(Child, ItsEndIsToldAsTheShellDoes)
{
    for (const auto &[script, status] : {std::pair("exit 7", 7), std::pair("kill -KILL $$", 137),
                                         std::pair("kill -INT $$", 130)}) {
        Child child = prepared(script);
        ASSERT_TRUE(child.start());
        EXPECT_EQ(status_of(child), status) << script;
        child.end();
        EXPECT_EQ(child.ended(), status) << "once more";
    }
}

TEST(Child, AProgramThatIsNotThereIsAnError)
{
    auto child = Child::prepare({"/nowhere/program"});
    ASSERT_TRUE(child);
    const auto started = child->start();
    ASSERT_FALSE(started);
    EXPECT_NE(describe(started.error()).find("start /nowhere/program: No such file"),
              std::string::npos);
}

TEST(Child, IsEndedWhenAsked)
{
    Child child = prepared("exec sleep 1000");
    ASSERT_TRUE(child.start());
    child.end();
    EXPECT_EQ(child.ended(), 128 + 15);
}

TEST(Child, NothingRunsIfTheWordNeverComes)
{
    const TemporaryDirectory directory;
    const std::string mark = directory.path() + "/mark";
    pid_t pid = 0;
    {
        Child child = prepared("touch " + mark);
        Child moved = std::move(child);
        pid = moved.pid();
    }
    EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(pid))) << "waited for";
    EXPECT_FALSE(std::filesystem::exists(mark));
}

}  // namespace
}  // namespace sluice::trace
