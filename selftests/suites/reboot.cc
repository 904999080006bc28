// SPDX-License-Identifier: GPL-2.0-or-later
// Leaves Sluice on and processes running, for the reboot that comes next.

#include <unistd.h>

#include <gtest/gtest.h>

#include "guest/kernel.h"
#include "guest/memory.h"
#include "suites/sluice_test.h"

namespace {

using std::chrono::milliseconds;

TEST(Reboot, FindsItOnAndProcessesRunning)
{
    ASSERT_EQ(guest::error_name(guest::write_knob("min_rss_kb", "0")), "success");
    ASSERT_EQ(guest::error_name(guest::write_knob("sample_period", "251")), "success");
    ASSERT_EQ(guest::error_name(guest::write_knob("enabled", "1")), "success");
    for (uint64_t i = 0; i < 2; i++)
        if (fork() == 0) {
            guest::Buffer buffer(8 * guest::kMiB, i);
            for (;;)
                if (buffer.load(milliseconds(100)) == 0)
                    _exit(1);
        }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (guest::Counters::now()["sluice_classified"] == 0 &&
           std::chrono::steady_clock::now() < end)
        usleep(100000);
    EXPECT_GT(guest::Counters::now()["sluice_classified"], 0u);
    EXPECT_EQ(guest::read_knob("enabled"), "1");
}

}  // namespace
