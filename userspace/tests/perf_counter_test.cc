// SPDX-License-Identifier: GPL-2.0-or-later
// Hardware counters: they count, or it is said why not. Which of the two, this machine decides.
#include "sluice/perf_counter.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace sluice {
namespace {

TEST(PerfCounter, CountsOrSaysWhyNot)
{
    const auto counters = TierAccessCounters::open(::getpid());
    if (counters) {
        EXPECT_TRUE(counters->read());
        return;
    }
    EXPECT_EQ(counters.error().code, Code::missing);
    EXPECT_NE(describe(counters.error()).find("count event 0x01d3 of process "), std::string::npos)
        << describe(counters.error());
}

TEST(PerfCounter, AProcessThatIsGoneIsAnError)
{
    const auto counter = PerfCounter::open(0x7fffffff, event_fast_tier);
    ASSERT_FALSE(counter);
    EXPECT_NE(describe(counter.error()).find("2147483647"), std::string::npos);
}

TEST(PerfCounter, HitRatioOfNothingIsZero)
{
    EXPECT_EQ(TierAccesses().hit_ratio(), 0.0);
    EXPECT_DOUBLE_EQ((TierAccesses{3, 1}.hit_ratio()), 0.75);
}

}  // namespace
}  // namespace sluice
