// SPDX-License-Identifier: GPL-2.0-or-later
// sluice record in a guest: what it leaves behind (nothing), what it loses (what it says), and
// whether the kernel's own code decides once more what the kernel has decided.

#include <csignal>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "guest/perf_tool.h"
#include "suites/sluice_test.h"

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::seconds;

constexpr char kTracing[] = "/sys/kernel/tracing";
constexpr char kData[] = "/tmp/record.data";

// The fast tier has room for a quarter of it; a twelfth in its middle takes nine of ten updates.
constexpr char kLoad[] = "load gups --size-mib 160 --hot-position middle --seed 7 --seconds ";

std::string sluice(const std::string &arguments)
{
    return std::string(SLUICE_PROGRAM) + " " + arguments;
}

// Trace instances of sluice record.
std::vector<std::string> instances()
{
    std::vector<std::string> names;
    for (const auto &entry : fs::directory_iterator(std::string(kTracing) + "/instances"))
        if (const auto name = entry.path().filename().string(); name.starts_with("sluice-"))
            names.push_back(name);
    return names;
}

// A command's JSON; its messages go to the test's output.
json json_of(const std::string &arguments, int status = 0)
{
    const auto output = guest::run(sluice(arguments) + " >/tmp/json");
    EXPECT_EQ(output.status, status) << arguments << "\n" << output.text;
    std::ifstream file("/tmp/json");
    json parsed = json::parse(file, nullptr, false);
    EXPECT_FALSE(parsed.is_discarded()) << arguments;
    return parsed;
}

class Record : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        fs::remove(kData);
        ASSERT_EQ(instances(), std::vector<std::string>());
    }

    void TearDown() override
    {
        if (pid_ > 0)
            wait_for(pid_);
        EXPECT_EQ(instances(), std::vector<std::string>()) << "left behind";
    }

    // sluice record with these arguments, in the background, once it traces.
    void start(const std::string &arguments)
    {
        pid_ = fork();
        if (pid_ == 0) {
            execl("/bin/sh", "sh", "-c", ("exec " + sluice("record " + arguments)).c_str(),
                  nullptr);
            _exit(127);
        }
        ASSERT_TRUE(eventually(seconds(30), [this] {
            return guest::read_text(fmt::format("{}/instances/sluice-{}/events/sluice/enable",
                                                kTracing, pid_)) == "1\n";
        })) << "it does not trace";
    }

    static int wait_for(pid_t &pid)
    {
        int status = 0;
        waitpid(pid, &status, 0);
        pid = 0;
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }

    int interrupt(int signal)
    {
        kill(pid_, signal);
        return wait_for(pid_);
    }

    pid_t pid_ = 0;
};

// The claim that `sluice sim` rests on.
TEST_F(Record, TheKernelsCodeDecidesOnceMoreWhatTheKernelDecided)
{
    set("sample_period", "1009");
    enable();
    // The load's own words go elsewhere.
    const json done = json_of(
        fmt::format("record --json -o {} -- sh -c 'exec {}25 >/dev/null'", kData, sluice(kLoad)));
    disable();
    ASSERT_EQ(done["lost_events"], 0);
    EXPECT_EQ(done["command_status"], 0);
    EXPECT_GT(done["samples"], 1000);

    const json again = json_of(fmt::format("sim --json -i {}", kData));
    EXPECT_EQ(again["same"], true) << again.dump(2);
    EXPECT_GT(again["epochs"], 10);
    EXPECT_GE(again["splits"], 2) << "there was nothing to decide";
    EXPECT_EQ(again["splits"], again["splits_recorded"]);
    EXPECT_EQ(again["merges"], again["merges_recorded"]);
    EXPECT_GT(again["ranges"], 50);
    EXPECT_GT(again["placements"], 2);

    // And the same run as a person sees it.
    const json report = json_of(fmt::format("report --json -i {}", kData));
    EXPECT_EQ(report["complete"], true);
    EXPECT_GT(report["promoted_bytes"], 4 << 20);
    const json map = json_of(fmt::format("heatmap --json -i {}", kData));
    EXPECT_GT(map["samples_shown"].get<uint64_t>(), map["samples_all"].get<uint64_t>() * 9 / 10);
    EXPECT_EQ(guest::run(sluice(fmt::format("report -i {} --html /tmp/page.html", kData))).status,
              0);
    EXPECT_NE(guest::read_text("/tmp/page.html").find("</html>"), std::string::npos);
}

TEST_F(Record, NobodyElsesTraceIsTouched)
{
    enable();
    start(fmt::format("-o {}", kData));
    EXPECT_EQ(guest::read_text(std::string(kTracing) + "/events/sluice/enable"), "0\n");
    const auto second = guest::run(sluice("record -o /tmp/second.data --seconds 0.5"));
    EXPECT_EQ(second.status, 0) << second.text;
    EXPECT_EQ(instances().size(), 1u) << "the first one goes on";
    EXPECT_EQ(interrupt(SIGINT), 130);
    disable();
}

// Ctrl-C ends it properly: what there is can be read.
TEST_F(Record, AnInterruptEndsItAndItsCommand)
{
    enable();
    start(fmt::format("-o {} -- sleep 4711", kData));
    EXPECT_EQ(interrupt(SIGINT), 130);
    disable();
    EXPECT_EQ(guest::run("pgrep -f '^sleep 471[1]'").status, 1) << "its command goes on";
    const auto report = guest::run(sluice(fmt::format("report -i {}", kData)));
    EXPECT_EQ(report.text.find("not ended properly"), std::string::npos) << report.text;
}

TEST_F(Record, ACommandThatIgnoresSigtermIsKilled)
{
    start(fmt::format("-o {} -- sh -c \"trap '' TERM; while :; do sleep 4712; done\"", kData));
    std::this_thread::sleep_for(std::chrono::milliseconds(500));  // until it ignores
    const auto before = std::chrono::steady_clock::now();
    EXPECT_EQ(interrupt(SIGTERM), 130);
    EXPECT_LT(std::chrono::steady_clock::now() - before, seconds(60));
    EXPECT_EQ(guest::run("pgrep -f 'do sleep 471[2]'").status, 1);
}

// Killed, it cannot clean up; the next one does.
TEST_F(Record, WhatAKilledOneLeavesBehindTheNextOneRemoves)
{
    start(fmt::format("-o {}", kData));
    const std::string left = fmt::format("sluice-{}", pid_);
    EXPECT_EQ(interrupt(SIGKILL), 137);
    EXPECT_EQ(instances(), std::vector<std::string>{left});
    const auto next = guest::run(sluice(fmt::format("record -o {} --seconds 0.2", kData)));
    EXPECT_EQ(next.status, 0) << next.text;
}

// A reader that stands still and a buffer that is small: the kernel throws events away, and counts
// them. Nobody takes such a recording for whole.
TEST_F(Record, LostEventsAreCounted)
{
    set("sample_period", "127");
    enable();
    start(fmt::format("--json --buffer-kib 64 -o {} >/tmp/lost.json", kData));
    kill(pid_, SIGSTOP);
    EXPECT_EQ(guest::run(sluice(kLoad) + "6").status, 0);
    kill(pid_, SIGCONT);
    EXPECT_EQ(guest::run(sluice(kLoad) + "3").status, 0);
    EXPECT_EQ(interrupt(SIGINT), 130);
    disable();

    const json done = json::parse(guest::read_text("/tmp/lost.json"), nullptr, false);
    ASSERT_FALSE(done.is_discarded());
    EXPECT_GT(done["lost_events"], 0);
    const auto report = guest::run(sluice(fmt::format("report -i {}", kData)));
    EXPECT_NE(report.text.find("events were lost"), std::string::npos) << report.text;
    EXPECT_NE(guest::run(sluice(fmt::format("sim -i {}", kData))).status, 0);
}

// A process that runs already, and its end.
TEST_F(Record, AProcessIsRecordedUntilItEnds)
{
    set("sample_period", "509");
    enable();
    const pid_t load = fork();
    if (load == 0) {
        execl("/bin/sh", "sh", "-c", ("exec " + sluice(kLoad) + "8 >/dev/null").c_str(), nullptr);
        _exit(127);
    }
    const json done = json_of(fmt::format("record --json -p {} -o {}", load, kData));
    disable();
    waitpid(load, nullptr, 0);
    EXPECT_GT(done["samples"], 100);
    const json report = json_of(fmt::format("report --json -i {} -p {}", kData, load));
    EXPECT_EQ(report["pid"], load);
    EXPECT_EQ(guest::run(sluice(fmt::format("record -p {} -o {}", load, kData))).status, 1)
        << "it is gone";
}

}  // namespace
