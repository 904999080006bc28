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
                                         std::pair("kill -TERM $$", 143)}) {
        Child child = prepared(script);
        ASSERT_TRUE(child.start());
        EXPECT_EQ(status_of(child), status) << script;
        child.kill();
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

bool wait_a_little()
{
    std::this_thread::sleep_for(10ms);
    return true;
}

TEST(Child, IsEndedWhenAsked)
{
    Child child = prepared("exec sleep 1000");
    ASSERT_TRUE(child.start());
    EXPECT_TRUE(child.end(60s, wait_a_little));
    EXPECT_EQ(child.ended(), 128 + 15);
}

// One that ignores SIGTERM, once it does.
Child stubborn(const TemporaryDirectory &directory)
{
    const std::string ready = directory.path() + "/ready";
    Child child = prepared("trap '' TERM; touch " + ready + "; while :; do sleep 0.1; done");
    EXPECT_TRUE(child.start());
    for (int i = 0; i < 1000 && !std::filesystem::exists(ready); ++i)
        std::this_thread::sleep_for(10ms);
    return child;
}

TEST(Child, IsKilledWhenItDoesNotEnd)
{
    const TemporaryDirectory directory;
    Child child = stubborn(directory);
    int rounds = 0;
    EXPECT_FALSE(child.end(200ms, [&] { return ++rounds, wait_a_little(); }));
    EXPECT_GT(rounds, 1) << "what goes on meanwhile is not held up";
    EXPECT_EQ(child.ended(), 128 + 9);
}

TEST(Child, IsKilledAtOnceIfNobodyCanWait)
{
    const TemporaryDirectory directory;
    Child child = stubborn(directory);
    EXPECT_FALSE(child.end(1h, [] { return false; }));
    EXPECT_EQ(child.ended(), 128 + 9);
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
