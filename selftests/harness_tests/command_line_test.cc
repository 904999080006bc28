// SPDX-License-Identifier: GPL-2.0-or-later
// vm and run-tests as a shell sees them: exit status and output.

#include <array>
#include <cstdio>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness_tests/fake_tree.h"

namespace {

struct Ended {
    int status;
    std::string text;
};

class CommandLine : public testing::Test {
protected:
    Ended vm(const std::string &args, const std::string &redirect = "2>&1")
    {
        return shell(fmt::format("{}/vm --root {} --log-dir {}/log {} {}", BIN_DIR,
                                 tree_.root().string(), tree_.root().string(), args, redirect));
    }

    Ended run_tests(const std::string &role, const std::string &more = "",
                    const std::string &keys = "")
    {
        std::ofstream(tree_.root() / "manifest.json") << fmt::format(
            R"({{"jobs": [{{"name": "fake", "kind": "guest", "timeout_s": 1, "append": "role={}",
                "program": "build/selftests/suites/fake"{}}}]}})",
            role, keys);
        return shell(fmt::format("{}/run-tests --root {} --manifest {}/manifest.json {} 2>&1",
                                 BIN_DIR, tree_.root().string(), tree_.root().string(), more));
    }

    static Ended shell(const std::string &line)
    {
        FILE *pipe = popen(line.c_str(), "r");
        Ended run = {-1, ""};
        std::array<char, 4096> buffer;
        for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
            run.text.append(buffer.data(), n);
        const int status = pclose(pipe);
        run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return run;
    }

    static std::string last_line(const std::string &text)
    {
        const auto end = text.find_last_not_of('\n');
        const auto start = text.rfind('\n', end);
        return text.substr(start + 1, end - start);
    }

    FakeTree tree_;
};

TEST_F(CommandLine, VmGivesTheCommandsStatusAndOutput)
{
    const auto run = vm("--append role=good -- anything", "2>/dev/null");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.text, "hello\n");
    EXPECT_EQ(vm("--append role=good -- anything", "2>&1 >/dev/null").text, "complaint\n");
    EXPECT_EQ(vm("--append role=exit-7 -- anything").status, 7);
    EXPECT_EQ(vm("--append role=signal-11 -- anything").status, 139);
}

TEST_F(CommandLine, VmListsMachines)
{
    const auto run = vm("--machine list");
    EXPECT_EQ(run.status, 0) << run.text;
    EXPECT_EQ(run.text.substr(0, 4), "pmem") << run.text;
    const auto wrong = vm("--machine nonsense -- anything");
    EXPECT_EQ(wrong.status, 125);
    EXPECT_NE(wrong.text.find("there are: pmem"), std::string::npos) << wrong.text;
}

TEST_F(CommandLine, VmSaysHowToAttachGdb)
{
    const auto run = vm("--gdb 1234 --append role=good -- anything");
    EXPECT_EQ(run.status, 0);
    EXPECT_NE(run.text.find("guest/vmlinux -ex 'target remote :1234'"), std::string::npos)
        << run.text;
}

TEST_F(CommandLine, VmTellsTimeoutFromBreakage)
{
    EXPECT_EQ(vm("--append role=boot-hang --boot-timeout 1 -- anything").status, 124);
    EXPECT_EQ(vm("--append role=run-hang --timeout 1 -- anything").status, 124);
    EXPECT_EQ(vm("--append role=no-start -- anything").status, 125);
    const auto run = vm("--append role=run-panic -- anything");
    EXPECT_EQ(run.status, 125);
    EXPECT_NE(run.text.find("Fatal exception"), std::string::npos) << run.text;
    EXPECT_NE(run.text.find("logs: "), std::string::npos) << run.text;
}

TEST_F(CommandLine, VmReportsKernelWarnings)
{
    const auto run = vm("--append role=warns -- anything");
    EXPECT_EQ(run.status, 0);
    EXPECT_NE(run.text.find("WARNING: CPU: 0"), std::string::npos) << run.text;
}

TEST_F(CommandLine, VmRefusesMisuse)
{
    EXPECT_EQ(vm("").status, 2);
    EXPECT_EQ(vm("--fast --virtual-time -- true").status, 2);
    EXPECT_EQ(vm("--no-such-option -- true").status, 2);
    EXPECT_EQ(vm("--machine nowhere -- true").status, 125);
    EXPECT_EQ(vm("--memory 1 -- true").status, 125);
    EXPECT_EQ(vm("--share /no/such/directory -- true").status, 125);
    EXPECT_EQ(vm("--help").status, 0);
}

TEST_F(CommandLine, VmLeavesTheCommandsOptionsToIt)
{
    const std::string role = "--append role=exit-7 ";
    EXPECT_EQ(vm(role + "-- sh -c true --help --fast").status, 7);
    EXPECT_EQ(vm(role + "sh -c true --help --fast").status, 7);
    EXPECT_EQ(vm(role + "-- --odd-name").status, 2);
}

TEST_F(CommandLine, VmDryRunOnlyPrints)
{
    const auto run = vm("--dry-run --virtual-time --memory 64,128 -- true");
    EXPECT_EQ(run.status, 0);
    EXPECT_NE(run.text.find("-icount shift=0,sleep=off"), std::string::npos) << run.text;
    EXPECT_NE(run.text.find("size=64M"), std::string::npos) << run.text;
    EXPECT_FALSE(std::filesystem::exists(tree_.root() / "log"));
}

TEST_F(CommandLine, RunTestsPassesOnlyIfAllDo)
{
    const auto good = run_tests("good");
    EXPECT_EQ(good.status, 0);
    EXPECT_EQ(last_line(good.text), "3 passed, 0 failed, 0 skipped");
    const auto bad = run_tests("run-panic");
    EXPECT_EQ(bad.status, 1);
    EXPECT_EQ(last_line(bad.text), "1 passed, 2 failed, 0 skipped");
}

TEST_F(CommandLine, RunTestsWritesReports)
{
    run_tests("run-panic");
    const auto xml = harness::read_file(tree_.root() / "build/test-results.xml").value_or("");
    EXPECT_NE(xml.find("<testcase classname=\"fake\" name=\"A.one\"/>"), std::string::npos) << xml;
    EXPECT_NE(xml.find("name=\"A.two\"><error type=\"ERROR\">"), std::string::npos) << xml;
}

TEST_F(CommandLine, RunTestsRefusesAFilterThatMatchesNothing)
{
    EXPECT_EQ(run_tests("good", "--filter nothing").status, 2);
    EXPECT_EQ(run_tests("good", "--filter 'fa*'").status, 0);
}

TEST_F(CommandLine, RunTestsRefusesToRunTwiceAtOnce)
{
    const auto logs = tree_.root() / "build/logs/tests";
    std::filesystem::create_directories(logs);
    const int fd = open((logs / "lock").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ASSERT_EQ(flock(fd, LOCK_EX), 0);
    const auto run = run_tests("good");
    close(fd);
    EXPECT_EQ(run.status, 1);
    EXPECT_NE(run.text.find("another run-tests"), std::string::npos) << run.text;
    EXPECT_EQ(run_tests("good").status, 0);
}

TEST_F(CommandLine, RunTestsRunsAllGuestsWithAnotherKernel)
{
    const auto list = run_tests("good", "--list --variant kasan");
    EXPECT_NE(list.text.find("5 s  machine pmem, kernel kasan"), std::string::npos) << list.text;
    const auto missing = run_tests("good", "--variant kasan");
    EXPECT_EQ(missing.status, 1);
    EXPECT_NE(missing.text.find("make kernel VARIANT=kasan"), std::string::npos) << missing.text;
    EXPECT_NE(missing.text.find("run-tests --variant kasan --filter fake"), std::string::npos)
        << missing.text;
    EXPECT_EQ(run_tests("good", "--variant guest").status, 0);
}

TEST_F(CommandLine, RunTestsSaysWhatAnotherKernelDoesNotRun)
{
    const std::string own = R"(, "variant": "debug", "own_kernel_only": ["A.B", "C.D"])";
    const auto left_out = [&](const std::string &more) {
        return run_tests("good", more, own).text.find("start  fake, without A.B, C.D") !=
               std::string::npos;
    };
    EXPECT_TRUE(left_out("--variant kasan"));
    EXPECT_FALSE(left_out("--variant debug"));
    EXPECT_FALSE(left_out(""));
}

TEST_F(CommandLine, RunTestsLeavesOutWhatTakesLong)
{
    const std::string takes_long = R"(, "long": true)";
    EXPECT_EQ(run_tests("good", "", takes_long).status, 2) << "no job is left";
    EXPECT_EQ(run_tests("good", "--long").status, 2);
    EXPECT_EQ(run_tests("good", "--long", takes_long).status, 0);
    const auto bad = run_tests("run-panic", "--long", takes_long);
    EXPECT_NE(bad.text.find("run-tests --long --filter fake"), std::string::npos) << bad.text;
}

TEST_F(CommandLine, RunTestsLists)
{
    const auto run = run_tests("good", "--list");
    EXPECT_EQ(run.status, 0);
    EXPECT_EQ(run.text.rfind("fake ", 0), 0u) << run.text;
}

}  // namespace
