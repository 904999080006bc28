// SPDX-License-Identifier: GPL-2.0-or-later
// A CPU that has stopped its tick to run one task (nohz_full=1). In virtual time.

#include <sstream>
#include <thread>

#include "guest/ktap_listener.h"
#include "guest/trace.h"
#include "suites/sluice_test.h"

namespace {

using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kCpu = 1;
constexpr unsigned kSeconds = 5;

// Local timer interrupts of CPU 1.
uint64_t timer_interrupts()
{
    std::istringstream lines(guest::read_text("/proc/interrupts"));
    for (std::string line; std::getline(lines, line);) {
        uint64_t first = 0, second = 0;
        if (sscanf(line.c_str(), " LOC: %lu %lu", &first, &second) == 2)
            return second;
    }
    return 0;
}

class NoHz : public SluiceTest {};

TEST_F(NoHz, TheRemoteTickBoundsTheAgeOfASample)
{
    ASSERT_EQ(guest::read_text("/sys/devices/system/cpu/nohz_full"), "1\n");
    set("min_rss_kb", "0");
    set("sample_period", "65537");  // so few that they never fill half of the buffer
    enable();
    guest::Trace trace({"sluice/sluice_drain"});
    uint64_t ticks = 0;
    std::thread worker([&ticks] {
        guest::pin_to_cpu(kCpu);
        guest::Buffer buffer(8 * kMiB, 1);
        buffer.load(seconds(1));  // the tick needs a while to find out that it may stop
        const auto before = timer_interrupts();
        EXPECT_GT(buffer.load(seconds(kSeconds)), 0u);
        ticks = timer_interrupts() - before;
    });
    worker.join();
    const auto events = trace.stop();
    disable();
    guest::measured("drains", events.size());
    guest::measured("ticks", ticks);

    EXPECT_LT(ticks, 250 * kSeconds / 4) << "the tick goes on: this test shows nothing";
    double last = 0, longest = 0;
    size_t drains = 0;
    for (const auto &e : events) {
        if (e.cpu != kCpu)
            continue;
        if (drains++)
            longest = std::max(longest, e.time_s - last);
        last = e.time_s;
    }
    EXPECT_GE(drains, kSeconds);
    EXPECT_LE(longest, 1.2) << "once a second, and a little for the way";
}

}  // namespace
