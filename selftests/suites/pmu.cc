// SPDX-License-Identifier: GPL-2.0-or-later
// The emulated PMU as the kernel's own perf sees it.

#include <algorithm>

#include <gtest/gtest.h>

#include "guest/kernel.h"
#include "guest/memory.h"
#include "guest/perf_event.h"

namespace {

using guest::kMiB;
using guest::PerfEvent;
using std::chrono::milliseconds;

constexpr uint64_t kLatency = 64;

// Two instructions a turn, whatever the compiler thinks of it.
void count_down(uint64_t turns)
{
    asm volatile("1: dec %0\n\tjnz 1b" : "+r"(turns) : : "cc");
}

TEST(Pmu, DriverRecognisesAdaptivePebs)
{
    guest::KernelLog log(guest::KernelLog::kStart);
    EXPECT_TRUE(log.has("PEBS fmt4+-baseline, Icelake events"));
    EXPECT_TRUE(log.has("Intel PMU driver"));
}

TEST(Pmu, CountsInstructions)
{
    auto event = PerfEvent::counter(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS);
    ASSERT_EQ(guest::error_name(event.error()), "success");
    constexpr uint64_t kTurns = 10'000'000;
    event.enable();
    count_down(kTurns);
    event.disable();
    EXPECT_GE(event.count(), 2 * kTurns);
    EXPECT_LT(event.count(), 2 * kTurns + 10'000);
}

TEST(Pmu, CountsNothingWhileDisabled)
{
    auto event = PerfEvent::counter(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS);
    ASSERT_EQ(guest::error_name(event.error()), "success");
    count_down(1'000'000);
    EXPECT_EQ(event.count(), 0u);
}

TEST(Pmu, SamplesSlowLoadsByAddress)
{
    guest::Buffer buffer(48 * kMiB, 1);
    auto event = PerfEvent::load_latency(kLatency, 1009);
    ASSERT_EQ(guest::error_name(event.error()), "success");
    event.enable();
    ASSERT_GT(buffer.load(milliseconds(3000)), 0u);
    event.disable();

    const auto samples = event.samples();
    ASSERT_GT(samples.size(), 100u);
    const auto inside = std::count_if(samples.begin(), samples.end(), [&](const auto &s) {
        return s.address >= buffer.start() && s.address < buffer.end();
    });
    // The loop itself misses nowhere else; the timer's signal to the scheduler may.
    EXPECT_GE(static_cast<size_t>(inside) * 1000, samples.size() * 990);
    for (const auto &s : samples)
        ASSERT_GE(s.weight, kLatency);
}

TEST(Pmu, SamplesComeFromAllOverTheBuffer)
{
    guest::Buffer buffer(48 * kMiB, 2);
    auto event = PerfEvent::load_latency(kLatency, 499);
    ASSERT_EQ(guest::error_name(event.error()), "success");
    event.enable();
    ASSERT_GT(buffer.load(milliseconds(3000)), 0u);
    event.disable();

    constexpr size_t kParts = 8;
    size_t part[kParts] = {};
    size_t total = 0;
    for (const auto &s : event.samples()) {
        if (s.address < buffer.start() || s.address >= buffer.end())
            continue;
        part[(s.address - buffer.start()) * kParts / buffer.bytes()]++;
        total++;
    }
    ASSERT_GT(total, 400u);
    for (size_t n : part) {
        EXPECT_GT(n, total / kParts / 2);
        EXPECT_LT(n, total / kParts * 2);
    }
}

TEST(Pmu, SlowTierTakesLonger)
{
    const auto mean_weight = [](int node) {
        guest::Buffer buffer(32 * kMiB, 3);
        EXPECT_EQ(buffer.move_to(node), buffer.pages());
        auto event = PerfEvent::load_latency(kLatency, 1009);
        event.enable();
        EXPECT_GT(buffer.load(milliseconds(2000)), 0u);
        event.disable();
        double sum = 0;
        const auto samples = event.samples();
        for (const auto &s : samples)
            sum += static_cast<double>(s.weight);
        EXPECT_GT(samples.size(), 50u);
        return sum / static_cast<double>(samples.size());
    };
    const double fast = mean_weight(0);
    const double slow = mean_weight(1);
    // 177 ns against 69 ns.
    EXPECT_GT(slow, 2 * fast);
    EXPECT_LT(slow, 3 * fast);
}

}  // namespace
