// SPDX-License-Identifier: GPL-2.0-or-later
// Address spaces and CPUs come and go while samples are taken: nothing is lost, mixed up or left
// behind. Every program here verifies its own memory.

#include <csignal>

#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kOnline[] = "/sys/devices/system/cpu/cpu1/online";
constexpr char kGroup[] = "/tmp/cgroup/tight";

class Life : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        set("sample_period", "251");
        set("min_rss_kb", "0");
        set("epoch_ms", "50");
        guest::program_that_does_nothing();
        before_ = Counters::now();
    }

    void TearDown() override
    {
        guest::write_text(kOnline, "1");
        disable();
        const auto d = Counters::now().since(before_);
        EXPECT_GT(d["sluice_records"], 0u) << "nothing was sampled: this test shows nothing";
        EXPECT_EQ(d.in_flight(), 0);
    }

    static bool managed(pid_t pid)
    {
        return eventually(seconds(60), [pid] { return guest::process_view(pid).managed; });
    }

    // Loads from its buffer until it is told to stop.
    static int load_until_stopped(guest::Buffer &buffer)
    {
        while (!guest::Child::stopped())
            if (buffer.load(milliseconds(20)) == 0)
                return 1;
        return buffer.corrupt_words() ? 2 : 0;
    }

    // A process that runs nowhere else gets samples, so that CPU takes them.
    static void expect_samples_from(int cpu)
    {
        guest::Child child([cpu] {
            guest::pin_to_cpu(cpu);
            guest::Buffer buffer(8 * kMiB, 10);
            return load_until_stopped(buffer);
        });
        EXPECT_TRUE(eventually(seconds(60),
                               [&child] { return guest::process_view(child.pid()).samples > 100; }))
            << "of CPU " << cpu;
        EXPECT_EQ(child.stop(), 0);
    }

    Counters before_;
};

// A child starts without a history, though it shares its parent's pages. Both go on.
TEST_F(Life, AForkedChildStartsAfresh)
{
    enable();
    guest::Buffer buffer(8 * kMiB, 1);
    ASSERT_TRUE(eventually(seconds(60), [&] {
        return buffer.load(milliseconds(100)) && guest::process_view(getpid()).samples > 2000;
    }));
    const auto parent = guest::process_view(getpid()).samples;
    guest::Child child([&buffer] { return load_until_stopped(buffer); });
    ASSERT_TRUE(managed(child.pid()));
    EXPECT_LT(guest::process_view(child.pid()).samples, parent);
    ASSERT_GT(buffer.load(milliseconds(200)), 0u);
    EXPECT_GE(guest::process_view(getpid()).samples, parent);
    EXPECT_EQ(child.stop(), 0);
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

// vfork() and CLONE_VM: two processes, one address space, and so one owner and one channel.
TEST_F(Life, WhoeverSharesTheAddressSpaceSharesItsManagement)
{
    enable();
    static guest::Buffer *buffer;
    guest::Buffer shared(8 * kMiB, 2);
    buffer = &shared;
    ASSERT_TRUE(eventually(seconds(60), [&] {
        return shared.load(milliseconds(100)) && guest::process_view(getpid()).managed;
    }));
    static char stack[256 * 1024];
    const pid_t pid = clone(
        [](void *) {
            for (int i = 0; i < 20; i++)
                if (buffer->load(milliseconds(100)) == 0)
                    _exit(1);
            _exit(0);
            return 0;
        },
        stack + sizeof(stack), CLONE_VM | SIGCHLD, nullptr);
    ASSERT_GT(pid, 0);
    const auto theirs = guest::process_view(pid);
    const auto ours = guest::process_view(getpid());
    EXPECT_TRUE(theirs.managed) << theirs.text;
    EXPECT_EQ(theirs.ranges.size(), ours.ranges.size());
    int status = -1;
    waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
    // It has gone, the address space has not.
    EXPECT_TRUE(guest::process_view(getpid()).managed);
    ASSERT_GT(shared.load(milliseconds(200)), 0u);
}

TEST_F(Life, VforkAndExecTakeNothingFromTheParent)
{
    enable();
    guest::Buffer buffer(8 * kMiB, 3);
    ASSERT_TRUE(eventually(seconds(60), [&] {
        return buffer.load(milliseconds(100)) && guest::process_view(getpid()).managed;
    }));
    for (int i = 0; i < 50; i++) {
        const pid_t pid = vfork();
        if (pid == 0) {
            execl(guest::program_that_does_nothing(), "nothing", nullptr);
            _exit(127);
        }
        int status = -1;
        waitpid(pid, &status, 0);
        ASSERT_EQ(status, 0);
        ASSERT_GT(buffer.load(milliseconds(5)), 0u);
    }
    EXPECT_TRUE(guest::process_view(getpid()).managed);
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

// The same process, another address space: what was known about the old one does not count.
TEST_F(Life, ExecStartsAfresh)
{
    enable();
    guest::Child child([] {
        guest::Buffer buffer(8 * kMiB, 4);
        if (load_until_stopped(buffer))
            return 1;
        execl("/bin/sleep", "sleep", "1000", nullptr);
        return 127;
    });
    ASSERT_TRUE(managed(child.pid()));
    kill(child.pid(), SIGTERM);
    EXPECT_TRUE(eventually(seconds(60), [&child] {
        const auto name = guest::read_text(fmt::format("/proc/{}/comm", child.pid()));
        const auto view = guest::process_view(child.pid());
        return name == "sleep\n" && view.samples < 100;
    }));
}

TEST_F(Life, KilledInTheMiddleItLeavesNothing)
{
    enable();
    for (int i = 0; i < 20; i++) {
        guest::Child child([] {
            guest::Buffer buffer(4 * kMiB, 5);
            return load_until_stopped(buffer);
        });
        // Some have not come far, most are just being sampled.
        const auto start = Counters::now();
        if (i % 4 != 0) {
            ASSERT_TRUE(eventually(
                seconds(60), [&] { return Counters::now().since(start)["sluice_records"] > 0; }));
        }
        kill(child.pid(), SIGKILL);
        EXPECT_EQ(child.wait(), 128 + SIGKILL);
    }
}

// The OOM killer, and its reaper that takes the memory away from under a dying process.
TEST_F(Life, TheOomKillerMayCome)
{
    mkdir("/tmp/cgroup", 0755);
    if (mount("cgroup2", "/tmp/cgroup", "cgroup2", 0, nullptr) != 0) {
        ASSERT_EQ(errno, EBUSY);
    }
    ASSERT_EQ(guest::write_text("/tmp/cgroup/cgroup.subtree_control", "+memory"), 0);
    mkdir(kGroup, 0755);
    ASSERT_EQ(guest::write_text(std::string(kGroup) + "/memory.max", "33554432"), 0);
    guest::write_text(std::string(kGroup) + "/memory.swap.max", "0");
    const auto kills = Counters::now()["oom_kill"];
    enable();
    for (int i = 0; i < 5; i++) {
        guest::Child child([] {
            if (guest::write_text(std::string(kGroup) + "/cgroup.procs", "0") != 0)
                return 1;
            guest::Buffer small(8 * kMiB, 6);
            if (small.load(milliseconds(500)) == 0)
                return 2;
            guest::Buffer large(64 * kMiB, 7);
            return 3;
        });
        EXPECT_EQ(child.wait(), 128 + SIGKILL);
    }
    EXPECT_GE(Counters::now()["oom_kill"], kills + 5);
    rmdir(kGroup);
}

// Both CPUs have work; one goes away and comes back, again and again.
TEST_F(Life, ACpuGoesOfflineAndComesBack)
{
    enable();
    const auto body = [] {
        guest::Buffer buffer(8 * kMiB, static_cast<uint64_t>(getpid()));
        return load_until_stopped(buffer);
    };
    guest::Child a(body), b(body), c(body);
    ASSERT_TRUE(managed(a.pid()));
    for (int i = 0; i < 10; i++) {
        ASSERT_EQ(guest::error_name(guest::write_text(kOnline, "0")), "success");
        std::this_thread::sleep_for(milliseconds(100));
        ASSERT_EQ(guest::error_name(guest::write_text(kOnline, "1")), "success");
        std::this_thread::sleep_for(milliseconds(100));
    }
    expect_samples_from(1);
    for (auto *child : {&a, &b, &c})
        EXPECT_EQ(child->stop(), 0) << "a child found its memory corrupted";
}

TEST_F(Life, SwitchedOnWhileACpuIsOffline)
{
    ASSERT_EQ(guest::error_name(guest::write_text(kOnline, "0")), "success");
    enable();
    guest::Child child([] {
        guest::Buffer buffer(8 * kMiB, 8);
        return load_until_stopped(buffer);
    });
    ASSERT_TRUE(managed(child.pid()));
    ASSERT_EQ(guest::error_name(guest::write_text(kOnline, "1")), "success");
    expect_samples_from(1);
    EXPECT_EQ(child.stop(), 0);
    // And switched off while one is.
    ASSERT_EQ(guest::error_name(guest::write_text(kOnline, "0")), "success");
    disable();
    ASSERT_EQ(guest::error_name(guest::write_text(kOnline, "1")), "success");
}

}  // namespace
