// SPDX-License-Identifier: GPL-2.0-or-later
// Everything at once on what a real guest has shown: gups, 160 MiB, its last 8 % hot.
#include <gtest/gtest.h>

#include "cli/output_json.h"
#include "cli/picture.h"

namespace sluice {
namespace {

const Sysroot guest(FIXTURES "/6.12-gups");

TEST(Captured, Status)
{
    const auto report = collect_status(guest);
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_TRUE(is_enabled(report->knobs));
    EXPECT_EQ(report->knobs.at("sample_period"), KnobValue{uint64_t{127}});
    ASSERT_EQ(report->tiers.size(), 2u);
    EXPECT_EQ(report->tiers[0].kernel_id, 4);
    EXPECT_EQ(report->tiers[1].kernel_id, 38);
    EXPECT_LT(report->tiers[0].memory.total_bytes, report->tiers[1].memory.total_bytes);
    ASSERT_EQ(report->processes.managed.size(), 1u);
    EXPECT_EQ(report->processes.managed[0].pid, 43);
    EXPECT_EQ(report->processes.managed[0].name, "sluice");
}

TEST(Captured, EveryDropAndRefusalHasAReason)
{
    const auto counters = read_sluice_counters(guest);
    ASSERT_TRUE(counters);
    const SampleAccount account = account_of(*counters);
    EXPECT_GT(account.records, 0u);
    EXPECT_EQ(account.dropped.count("unmanaged"), 1u);
    EXPECT_EQ(account.dropped.count("channel_full"), 1u);
    EXPECT_GE(account.in_flight, 0);
    EXPECT_EQ(with_prefix(*counters, "sluice_refused_").count("nomem"), 1u);
}

TEST(Captured, TheHotPartIsTheDensest)
{
    const auto report = collect_map(guest, 43);
    ASSERT_TRUE(report) << describe(report.error());
    const std::vector<Range> &ranges = report->process.table.ranges;
    ASSERT_EQ(ranges.size(), 3u);
    EXPECT_GT(ranges[2].samples_per_mib(), 10 * ranges[0].samples_per_mib());
    EXPECT_EQ(ranges[2].fast_bytes, ranges[2].resident_bytes);
    const std::string picture = draw_ranges(ranges);
    EXPECT_NE(picture.find("@@"), std::string::npos) << picture;
    EXPECT_NE(picture.find("FF"), std::string::npos) << picture;
}

TEST(Captured, NumaMapsCoverTheRanges)
{
    const auto report = collect_map(guest, 43);
    ASSERT_TRUE(report);
    uint64_t whole = 0;
    for (const auto &[node, bytes] : report->node_bytes)
        whole += bytes;
    EXPECT_GE(whole, report->process.table.resident_bytes());
    EXPECT_EQ(to_json(*report)["ranges"].size(), 3u);
}

}  // namespace
}  // namespace sluice
