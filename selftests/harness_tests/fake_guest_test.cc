// SPDX-License-Identifier: GPL-2.0-or-later
// Guests that panic, hang, skip, die in mid-line: the runner must say so.

#include <algorithm>

#include <gtest/gtest.h>

#include "harness/report.h"
#include "harness/runner.h"
#include "harness_tests/fake_tree.h"

namespace {

using harness::JobKind;
using harness::JobResult;
using harness::TestCase;
using harness::Verdict;

class FakeGuest : public testing::Test {
protected:
    JobResult run(const std::string &role, JobKind kind = JobKind::guest)
    {
        return harness::run_job(tree_.layout(), FakeTree::job(role, kind));
    }

    static const TestCase *find(const JobResult &r, const std::string &name)
    {
        const auto it = std::find_if(r.cases.begin(), r.cases.end(),
                                     [&name](const TestCase &c) { return c.name == name; });
        return it == r.cases.end() ? nullptr : &*it;
    }

    static void expect_case(const JobResult &r, const std::string &name, Verdict verdict,
                            const std::string &detail = "")
    {
        const auto *c = find(r, name);
        ASSERT_NE(c, nullptr) << "no case " << name << "\n" << harness::json_report({r});
        EXPECT_STREQ(harness::verdict_name(c->verdict), harness::verdict_name(verdict)) << name;
        EXPECT_NE(c->detail.find(detail), std::string::npos) << c->detail;
    }

    FakeTree tree_;
};

TEST_F(FakeGuest, GoodOnePasses)
{
    const auto r = run("good");
    EXPECT_EQ(harness::summary_line(harness::count(r.cases)), "3 passed, 0 failed, 0 skipped");
}

TEST_F(FakeGuest, ARebootIsWaitedForAndListenedTo)
{
    const auto run = [this](const std::string &role) {
        auto job = FakeTree::job(role);
        job.reboots = true;
        return harness::run_job(tree_.layout(), job);
    };
    expect_case(run("reboots"), "guest", Verdict::passed);
    expect_case(run("reboots-with-a-warning"), "guest", Verdict::failed, "kernel/events/core.c");
    expect_case(run("stays"), "guest", Verdict::error, "did not reboot");
}

TEST_F(FakeGuest, QemuThatDoesNotStartIsAnError)
{
    expect_case(run("no-start"), "guest", Verdict::error, "no such machine");
}

TEST_F(FakeGuest, MissingQemuIsAnErrorThatNamesTheTarget)
{
    std::filesystem::remove(tree_.root() / "build/qemu/qemu-system-x86_64");
    expect_case(run("good"), "start", Verdict::error, "make qemu");
}

TEST_F(FakeGuest, MissingKernelIsAnErrorThatNamesTheTarget)
{
    auto job = FakeTree::job("good");
    job.variant = "debug";
    expect_case(harness::run_job(tree_.layout(), job), "start", Verdict::error,
                "make kernel VARIANT=debug");
}

TEST_F(FakeGuest, MissingSuiteIsAnError)
{
    std::filesystem::remove(tree_.root() / "build/selftests/suites/fake");
    expect_case(run("good"), "start", Verdict::error, "make selftests");
}

TEST_F(FakeGuest, BootThatHangsTimesOut)
{
    const auto r = run("boot-hang");
    expect_case(r, "guest", Verdict::timeout, "boot timeout");
    expect_case(r, "results", Verdict::error);
}

TEST_F(FakeGuest, PanicAtBootIsAnError)
{
    expect_case(run("boot-panic"), "guest", Verdict::error, "Kernel panic - not syncing: VFS");
}

TEST_F(FakeGuest, InitInTroubleIsAnError)
{
    expect_case(run("init-broken"), "guest", Verdict::error, "mount 9p /host");
}

TEST_F(FakeGuest, TestThatHangsTimesOutByName)
{
    const auto r = run("run-hang");
    expect_case(r, "A.one", Verdict::passed);
    expect_case(r, "A.two", Verdict::timeout);
    expect_case(r, "guest", Verdict::timeout, "run timeout");
}

TEST_F(FakeGuest, PanicInATestIsAnErrorByName)
{
    const auto r = run("run-panic");
    expect_case(r, "A.one", Verdict::passed);
    expect_case(r, "A.two", Verdict::error);
    expect_case(r, "guest", Verdict::error, "Fatal exception");
}

TEST_F(FakeGuest, SkippingEverythingFails)
{
    const auto r = run("skip-all");
    expect_case(r, "A.one", Verdict::failed, "skipped unexpectedly");
    expect_case(r, "A.two", Verdict::failed, "skipped unexpectedly");
}

TEST_F(FakeGuest, AnExpectedSkipIsASkip)
{
    auto job = FakeTree::job("skip-all");
    job.allowed_skips = {"A.one"};
    const auto r = harness::run_job(tree_.layout(), job);
    expect_case(r, "A.one", Verdict::skipped);
    expect_case(r, "A.two", Verdict::failed);
}

TEST_F(FakeGuest, DyingInMidLineIsAnError)
{
    const auto r = run("die-mid-line");
    expect_case(r, "A.one", Verdict::passed);
    expect_case(r, "result 2 of 2", Verdict::error);
    EXPECT_EQ(find(r, "A.tw"), nullptr);
}

TEST_F(FakeGuest, NoResultsAreAnErrorThoughTheStatusIsZero)
{
    expect_case(run("no-results"), "results", Verdict::error);
}

TEST_F(FakeGuest, AFilterThatMatchesNothingIsAnError)
{
    expect_case(run("nothing-ran"), "plan", Verdict::error, "nothing ran");
}

TEST_F(FakeGuest, StatusThatContradictsTheResultsIsAnError)
{
    expect_case(run("lies"), "guest", Verdict::error, "ended with status 1");
}

TEST_F(FakeGuest, KernelWarningFailsTheRun)
{
    const auto r = run("warns");
    expect_case(r, "A.one", Verdict::passed);
    expect_case(r, "guest", Verdict::failed, "WARNING: CPU: 0");
}

TEST_F(FakeGuest, UnknownStatusIsAnError)
{
    expect_case(run("nonsense"), "guest", Verdict::error, "all is well");
}

TEST_F(FakeGuest, KunitIsReadFromTheConsole)
{
    const auto r = run("kunit", JobKind::kunit);
    expect_case(r, "sluice_channel.full", Verdict::passed);
    expect_case(r, "sluice_channel.wrap", Verdict::passed);
    EXPECT_EQ(harness::count(r.cases).failed, 0u) << harness::json_report({r});
}

TEST_F(FakeGuest, KernelWithoutKunitIsAnError)
{
    expect_case(run("kunit-missing", JobKind::kunit), "suites", Verdict::error, "sluice*");
}

TEST_F(FakeGuest, ComparisonWithoutAMonitorIsAnError)
{
    auto job = FakeTree::job("good");
    job.comparisons = {{"sluice_records", "records written"}};
    expect_case(harness::run_job(tree_.layout(), job), "hardware.sluice_records", Verdict::error);
}

TEST_F(FakeGuest, LogsAreKept)
{
    const auto r = run("run-panic");
    for (const char *name : {"console.log", "results.ktap", "qemu-command.txt", "qemu.log"})
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(r.log_dir) / name)) << name;
    EXPECT_NE(harness::text_report(r).find("Fatal exception"), std::string::npos);
    EXPECT_NE(harness::text_report(r).find("--filter fake-run-panic"), std::string::npos);
    const auto last = harness::failures_again({run("good"), r});
    EXPECT_NE(last.find("--filter fake-run-panic"), std::string::npos) << last;
    EXPECT_EQ(last.find("good"), std::string::npos) << last;
}

class FakeProgram : public FakeGuest {
protected:
    JobResult run(const std::string &role) { return FakeGuest::run(role, JobKind::host); }
};

TEST_F(FakeProgram, GoodOnePasses)
{
    EXPECT_EQ(harness::summary_line(harness::count(run("good").cases)),
              "2 passed, 0 failed, 0 skipped");
}

TEST_F(FakeProgram, FailureIsOne)
{
    expect_case(run("fails"), "A.two", Verdict::failed, "a.cc:3");
}

TEST_F(FakeProgram, UnexpectedSkipFails)
{
    expect_case(run("skips"), "A.two", Verdict::failed, "skipped unexpectedly");
}

TEST_F(FakeProgram, DyingIsAnErrorByName)
{
    const auto r = run("dies");
    expect_case(r, "A.two", Verdict::error);
    expect_case(r, "end", Verdict::error);
}

TEST_F(FakeProgram, HangingTimesOut)
{
    const auto r = run("hangs");
    expect_case(r, "A.two", Verdict::error);
    expect_case(r, "program", Verdict::timeout);
}

TEST_F(FakeProgram, StoppingEarlyIsAnError)
{
    const auto r = run("stops");
    expect_case(r, "result 2 of 2", Verdict::error);
    expect_case(r, "end", Verdict::error);
}

TEST_F(FakeProgram, StatusThatContradictsTheResultsIsAnError)
{
    expect_case(run("lies"), "program", Verdict::error, "ended with status 3");
}

}  // namespace
