// SPDX-License-Identifier: GPL-2.0-or-later
// Kernels that are themselves the tests: panics, hangs, lies; the runner must say so.

#include <algorithm>

#include <gtest/gtest.h>

#include "harness/judge.h"
#include "harness/report.h"
#include "harness/runner.h"
#include "harness_tests/fake_tree.h"

namespace {

using harness::JobKind;
using harness::JobResult;
using harness::Verdict;

class FakeBare : public testing::Test {
protected:
    FakeBare()
    {
        const auto qemu = tree_.root() / "build/qemu/qemu-system-x86_64";
        std::filesystem::remove(qemu);
        std::filesystem::rename(tree_.root() / "build/bare/qemu", qemu);
    }

    static harness::Job job(const std::string &role)
    {
        auto job = FakeTree::job(role, JobKind::bare);
        job.timeout = std::chrono::seconds(2);
        return job;
    }

    JobResult run(const std::string &role) { return harness::run_job(tree_.layout(), job(role)); }

    static void expect_case(const JobResult &r, const std::string &name, Verdict verdict,
                            const std::string &detail = "")
    {
        const auto c = std::find_if(r.cases.begin(), r.cases.end(),
                                    [&name](const auto &c) { return c.name == name; });
        ASSERT_NE(c, r.cases.end()) << "no case " << name << "\n" << harness::json_report({r});
        EXPECT_STREQ(harness::verdict_name(c->verdict), harness::verdict_name(verdict)) << name;
        EXPECT_NE(c->detail.find(detail), std::string::npos) << c->detail;
    }

    FakeTree tree_;
};

TEST_F(FakeBare, GoodOnePasses)
{
    EXPECT_EQ(harness::summary_line(harness::count(run("good").cases)),
              "3 passed, 0 failed, 0 skipped");
}

TEST_F(FakeBare, AFailureSaysWhereAndOnWhichCpu)
{
    const auto r = run("fails");
    expect_case(r, "a.one", Verdict::passed);
    expect_case(r, "a.two", Verdict::failed, "cpu 1: a.cc:3: x: want 1, got 2");
    expect_case(r, "guest", Verdict::passed);
}

TEST_F(FakeBare, QemuThatDoesNotStartIsAnError)
{
    expect_case(run("no-start"), "guest", Verdict::error, "no such machine");
}

TEST_F(FakeBare, MissingProgramIsAnErrorThatNamesTheTarget)
{
    std::filesystem::remove(tree_.root() / "build/selftests/suites/fake");
    expect_case(run("good"), "start", Verdict::error, "make selftests");
}

TEST_F(FakeBare, NoResultsAreAnErrorThoughTheStatusIsGood)
{
    expect_case(run("no-results"), "results", Verdict::error);
}

TEST_F(FakeBare, AnEmptyPlanIsAnError)
{
    expect_case(run("nothing-ran"), "plan", Verdict::error, "nothing ran");
}

TEST_F(FakeBare, AMissingResultIsAnError)
{
    expect_case(run("wrong-plan"), "result 3 of 3", Verdict::error);
}

TEST_F(FakeBare, DyingInMidLineIsAnError)
{
    expect_case(run("die-mid-line"), "result 2 of 2", Verdict::error);
}

TEST_F(FakeBare, APanicIsAnErrorByName)
{
    const auto r = run("panics");
    expect_case(r, "a.one", Verdict::passed);
    expect_case(r, "a.two", Verdict::error);
    expect_case(r, "guest", Verdict::error, "unexpected vector 14");
}

TEST_F(FakeBare, StatusThatContradictsTheResultsIsAnError)
{
    expect_case(run("lies"), "guest", Verdict::error, "ended with status 1");
}

TEST_F(FakeBare, OnlyTheDebugExitIsAnEnd)
{
    expect_case(run("exits-0"), "guest", Verdict::error, "QEMU ended with status 0");
}

TEST_F(FakeBare, HangingTimesOutByName)
{
    const auto r = run("hangs");
    expect_case(r, "a.two", Verdict::timeout);
    expect_case(r, "guest", Verdict::timeout, "still running");
}

TEST_F(FakeBare, AnUnknownRequestIsAnError)
{
    expect_case(run("asks-for-nonsense"), "guest", Verdict::error, "dance");
}

TEST_F(FakeBare, ARequestThatCannotBeServedIsAnError)
{
    expect_case(run("asks-in-vain"), "guest", Verdict::error, "connect to");
}

TEST_F(FakeBare, SkippingFails)
{
    auto good = job("good");
    harness::GuestResult guest;
    guest.outcome = harness::Outcome::exited;
    guest.results = "KTAP version 1\n1..1\nok 1 a.one # SKIP no hardware\n";
    const auto cases = harness::judge_bare(good, guest);
    EXPECT_EQ(cases[0].verdict, Verdict::failed);
}

TEST_F(FakeBare, TheMachineIsAsTheJobSays)
{
    auto config = tree_.layout().bare("build/selftests/suites/fake", "pmem", {"64,128", 4}, "");
    ASSERT_TRUE(config) << config.error().text();
    config->mode = harness::Mode::virtual_time;
    config->append = "group=main";
    const auto line = harness::shell_line(harness::build_bare_args(*config));
    for (const char *part :
         {"-smp 4", "cpus=0-3", "-icount shift=0,sleep=off", "iobase=0xf4", "tcg,thread=single",
          "'vcpus=4 nodes=64/69,128/177 virtual_time group=main'"})
        EXPECT_NE(line.find(part), std::string::npos) << part << "\n" << line;
    EXPECT_EQ(line.find("-no-reboot"), std::string::npos);
    EXPECT_EQ(line.find("-incoming"), std::string::npos);
    config->incoming = "/tmp/state";
    config->moves = 1;
    config->max_vcpus = 5;
    config->cpu_options = "pmu-mlp=2";
    const auto moved = harness::shell_line(harness::build_bare_args(*config));
    EXPECT_NE(moved.find("-incoming file:/tmp/state"), std::string::npos);
    EXPECT_NE(moved.find("opt/sluice/moves,string=1"), std::string::npos);
    EXPECT_NE(moved.find("-smp 4,maxcpus=5"), std::string::npos);
    EXPECT_NE(moved.find("pmu=on,pmu-mlp=2"), std::string::npos);
}

}  // namespace
