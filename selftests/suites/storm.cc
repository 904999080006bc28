// SPDX-License-Identifier: GPL-2.0-or-later
// Switched on and off again and again while processes come and go.

#include <fstream>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kCycles = 200;

// Children that load and exit, or exec, or fork on; some are killed in the middle.
int storm(uint64_t seed)
{
    for (uint64_t turn = 0; !guest::Child::stopped(); turn++) {
        const pid_t pid = fork();
        if (pid < 0)
            return 1;
        if (pid == 0) {
            guest::Buffer buffer(3 * kMiB, seed + turn);
            if (buffer.load(milliseconds(10)) == 0)
                _exit(1);
            if (turn % 3 == 0)
                execl(guest::program_that_does_nothing(), "nothing", nullptr);
            if (turn % 3 == 1 && fork() == 0)
                _exit(buffer.load(milliseconds(5)) ? 0 : 1);
            _exit(buffer.corrupt_words() ? 1 : 0);
        }
        if (turn % 7 == 6)
            kill(pid, SIGKILL);
        int status = 0;
        waitpid(pid, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
            return 1;
    }
    return 0;
}

class Storm : public SluiceTest {};

TEST_F(Storm, EnableAndDisableLoseNothing)
{
    set("sample_period", "251");
    set("min_rss_kb", "0");
    set("epoch_ms", "50");
    guest::program_that_does_nothing();
    const auto before = Counters::now();
    guest::Child a([] { return storm(1000); });
    guest::Child b([] { return storm(2000); });
    for (int cycle = 0; cycle < kCycles; cycle++) {
        enable();
        std::this_thread::sleep_for(milliseconds(cycle % 10 * 15));
        disable();
        const auto d = Counters::now().since(before);
        ASSERT_EQ(d.in_flight(), 0) << "after cycle " << cycle;
    }
    EXPECT_EQ(a.stop(), 0) << "memory was corrupted, or fork failed";
    EXPECT_EQ(b.stop(), 0) << "memory was corrupted, or fork failed";
    const auto d = Counters::now().since(before);
    EXPECT_GT(d["sluice_records"], 0u);
    EXPECT_GT(d["sluice_drain_exit"], 0u);
    EXPECT_GT(d["sluice_drain_exec"], 0u);
}

// The manifest runs this on a kernel with kmemleak. What was unreferenced before
// the suite is none of our business.
TEST_F(Storm, LeaksNothing)
{
    const std::string leaks = "/sys/kernel/debug/kmemleak";
    ASSERT_EQ(guest::error_name(guest::write_text(leaks, "clear")), "success")
        << "this kernel has no kmemleak";
    for (int i = 0; i < 20; i++) {
        enable();
        guest::Buffer buffer(20 * kMiB, 5);
        ASSERT_GT(buffer.load(milliseconds(200)), 0u);
        disable();
    }
    // An object counts as a leak once it is five seconds old and two scans agree.
    std::this_thread::sleep_for(seconds(6));
    guest::write_text(leaks, "scan");
    guest::write_text(leaks, "scan");
    const auto found = guest::read_text(leaks);
    EXPECT_TRUE(found.empty()) << found.substr(0, 2000);
}

}  // namespace
