// SPDX-License-Identifier: GPL-2.0-or-later
// scripts/vm as a user runs it: what a guest is given and hands back, booted and from a snapshot.

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <sys/wait.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/files.h"

namespace {

namespace fs = std::filesystem;

// The smallest machine that there is, and little memory: these tests are about what is around it.
constexpr char kMachine[] = "--machine no-pebs --memory 128,64 --vcpus 1";

struct Finished {
    int status = -1;
    std::string out;
    std::string err;
    std::time_t before = 0;  // it was started
};

class Vm : public testing::Test {
protected:
    Finished run(const std::string &arguments, const std::string &command)
    {
        const auto file = [this](const char *name) { return (dir_.path() / name).string(); };
        const std::string line =
            fmt::format("{} {} --log-dir {} --share {} {} -- {} >{} 2>{}", BIN_DIR "/vm", kMachine,
                        file("log"), share(), arguments, command, file("out"), file("err"));
        const std::time_t before = std::time(nullptr);
        const int status = std::system(line.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
                harness::read_file(file("out")).value_or(""),
                harness::read_file(file("err")).value_or(""), before};
    }

    std::string share()
    {
        fs::create_directories(dir_.path() / "share");
        return (dir_.path() / "share").string();
    }

    harness::TempDir dir_ = std::move(*harness::TempDir::create());
};

// Everything that a command in a guest has to do with the host, in one boot.
void expect_all_is_well(const Finished &finished, const std::string &share)
{
    EXPECT_EQ(finished.status, 7) << finished.err;
    EXPECT_NE(finished.out.find("cpus 1\n"), std::string::npos) << finished.out;
    EXPECT_NE(finished.err.find("to stderr\n"), std::string::npos) << finished.err;
    EXPECT_EQ(harness::read_file(share + "/from-guest").value_or(""), "handed back\n");
    const size_t at = finished.out.find("time ");
    ASSERT_NE(at, std::string::npos);
    const std::time_t guests = std::stol(finished.out.substr(at + 5));
    EXPECT_GE(guests, finished.before - 1) << "the guest's clock";
    EXPECT_LE(guests, std::time(nullptr)) << "the guest's clock";
}

std::string script(const std::string &share)
{
    return fmt::format(
        "sh -c 'echo cpus $(nproc); echo time $(date +%s); echo to stderr >&2; echo handed back "
        ">{}/from-guest; exit 7'",
        share);
}

TEST_F(Vm, ACommandRunsAndHandsBack)
{
    expect_all_is_well(run("", script(share())), share());
}

// The first one boots and saves, the second one finds that. Both are told their commands after it.
TEST_F(Vm, ASnapshotIsMadeOnceAndThenGoneOnWith)
{
    const std::string fresh =
        fmt::format("--snapshot --snapshots {}", (dir_.path() / "snapshots").string());
    const auto first = run(fresh, script(share()));
    expect_all_is_well(first, share());
    EXPECT_NE(first.err.find("no snapshot"), std::string::npos) << first.err;
    fs::remove(fs::path(share()) / "from-guest");
    std::this_thread::sleep_for(std::chrono::seconds(3));  // a clock that stood still shows
    const auto second = run(fresh, script(share()));
    expect_all_is_well(second, share());
    EXPECT_EQ(second.err.find("no snapshot"), std::string::npos) << second.err;
    const auto console = harness::read_file(dir_.path() / "log/console.log").value_or("");
    EXPECT_EQ(console.find("Linux version"), std::string::npos) << "it has booted again";
}

}  // namespace
