// SPDX-License-Identifier: GPL-2.0-or-later
// Parsers, on text alone.
#include <gtest/gtest.h>

#include "sluice/knobs.h"
#include "sluice/processes.h"
#include "sluice/range_table.h"
#include "sluice/text.h"
#include "sluice/topology.h"
#include "sluice/vmstat.h"

namespace sluice {
namespace {

constexpr const char *table_text =
    "managed ranges 2 samples 70 epoch 9 capacity_kb 1000\n"
    "start-end count_milli resident_kb fast_kb age tier\n"
    "1000-3000 1500 8 4 17 0\n"
    "7fff00000000-7fff00200000 0 2048 0 3 1\n";

TEST(Text, NumbersAreWholeOrNothing)
{
    EXPECT_EQ(parse_number("42"), 42u);
    EXPECT_EQ(parse_number("7fff", 16), 0x7fffu);
    EXPECT_EQ(parse_number("18446744073709551615"), UINT64_MAX);
    for (const char *bad : {"", "-1", "4 ", "12kB", "18446744073709551616", "0x10"})
        EXPECT_FALSE(parse_number(bad)) << bad;
}

TEST(Text, IdLists)
{
    EXPECT_EQ(parse_id_list("0-2,5\n"), (std::vector<int>{0, 1, 2, 5}));
    EXPECT_EQ(parse_id_list("\n"), std::vector<int>{});
    for (const char *bad : {"a", "3-1", "1-", "0-99999999999"})
        EXPECT_FALSE(parse_id_list(bad)) << bad;
}

TEST(Vmstat, TakesOnlySluiceCounters)
{
    const auto counters = parse_vmstat("nr_free 9\nsluice_records 7\nsluice_pmis 0\n");
    ASSERT_TRUE(counters);
    EXPECT_EQ(*counters, (Counters{{"sluice_records", 7}, {"sluice_pmis", 0}}));
}

TEST(Vmstat, BadCounterIsAnErrorThatNamesTheLine)
{
    const auto counters = parse_vmstat("sluice_records many\n");
    ASSERT_FALSE(counters);
    EXPECT_NE(describe(counters.error()).find("sluice_records many"), std::string::npos);
}

TEST(Vmstat, AccountAddsUpDropsByReason)
{
    const Counters counters = {{"sluice_records", 100},
                               {"sluice_classified", 80},
                               {"sluice_drop_no_owner", 5},
                               {"sluice_drop_new_reason", 6}};
    const SampleAccount account = account_of(counters);
    EXPECT_EQ(account.dropped, (Counters{{"no_owner", 5}, {"new_reason", 6}}));
    EXPECT_EQ(account.dropped_total, 11u);
    EXPECT_EQ(account.in_flight, 9);
    EXPECT_FALSE(account.exact());
}

TEST(Vmstat, AccountMayLookNegativeWhileRunning)
{
    EXPECT_EQ(account_of({{"sluice_records", 3}, {"sluice_classified", 4}}).in_flight, -1);
}

TEST(RangeTable, Reads)
{
    const auto table = parse_range_table(table_text);
    ASSERT_TRUE(table) << describe(table.error());
    EXPECT_TRUE(table->managed);
    EXPECT_EQ(table->samples, 70u);
    EXPECT_EQ(table->epoch, 9u);
    EXPECT_EQ(table->capacity_bytes, 1000u * 1024);
    ASSERT_EQ(table->ranges.size(), 2u);
    const Range &range = table->ranges[0];
    EXPECT_EQ(range.start, 0x1000u);
    EXPECT_EQ(range.end, 0x3000u);
    EXPECT_EQ(range.count_milli, 1500u);
    EXPECT_EQ(range.resident_bytes, 8192u);
    EXPECT_EQ(range.fast_bytes, 4096u);
    EXPECT_EQ(range.age, 17u);
    EXPECT_EQ(range.tier, 0);
    EXPECT_DOUBLE_EQ(range.samples_per_mib(), 1.5 * 128);
    EXPECT_EQ(table->ranges[1].tier, 1);
    EXPECT_EQ(table->fast_bytes(), 4096u);
}

TEST(RangeTable, Unmanaged)
{
    const auto table = parse_range_table("unmanaged\n");
    ASSERT_TRUE(table);
    EXPECT_FALSE(table->managed);
}

TEST(RangeTable, RefusesWhatItDoesNotKnow)
{
    const std::string good = table_text;
    const auto replaced = [&](const std::string &what, const std::string &by) {
        return std::string(good).replace(good.find(what), what.size(), by);
    };
    EXPECT_FALSE(parse_range_table(""));
    EXPECT_FALSE(parse_range_table("nonsense\n"));
    EXPECT_FALSE(parse_range_table(replaced("ranges 2", "ranges 3"))) << "a row is missing";
    EXPECT_FALSE(parse_range_table(replaced("age tier", "tier age"))) << "other columns";
    EXPECT_FALSE(parse_range_table(replaced("1000-3000", "3000-1000"))) << "backwards";
    EXPECT_FALSE(parse_range_table(replaced(" 17 0", " 17"))) << "a column is missing";
}

TEST(RangeTable, NothingResidentHasNoDensity)
{
    Range range;
    range.end = 4096;
    range.count_milli = 5;
    EXPECT_EQ(range.samples_per_mib(), 0.0);
}

TEST(Knobs, NumbersAndWords)
{
    EXPECT_EQ(parse_knob("4093\n"), KnobValue{uint64_t{4093}});
    EXPECT_EQ(parse_knob("opt-in\n"), KnobValue{std::string("opt-in")});
    EXPECT_TRUE(is_enabled({{"enabled", uint64_t{1}}}));
    EXPECT_FALSE(is_enabled({{"enabled", uint64_t{0}}}));
    EXPECT_FALSE(is_enabled({}));
}

TEST(Topology, NodeMeminfo)
{
    const auto memory = parse_node_meminfo("Node 0 MemTotal:  100 kB\nNode 0 MemFree:  40 kB\n");
    ASSERT_TRUE(memory);
    EXPECT_EQ(memory->total_bytes, 102400u);
    EXPECT_EQ(memory->free_bytes, 40960u);
    EXPECT_FALSE(parse_node_meminfo("Node 0 MemTotal:  100 kB\n"));
}

TEST(NumaMaps, SumsPagesOfEverySize)
{
    const auto bytes = parse_numa_maps(
        "1000 default anon=3 N0=2 N1=1 kernelpagesize_kB=4\n"
        "200000 default anon=2 N1=2 kernelpagesize_kB=2048\n"
        "7ff000 default\n");
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, (BytesByNode{{0, 8192}, {1, 4096 + (4 << 20)}}));
}

TEST(NumaMaps, FileNamesAreNotNodes)
{
    const auto bytes = parse_numa_maps("1000 default file=/srv/N0=12 mapped=1 N0=1\n");
    ASSERT_TRUE(bytes);
    EXPECT_EQ(*bytes, (BytesByNode{{0, 4096}}));
    EXPECT_FALSE(parse_numa_maps("1000 default N0=many\n"));
}

}  // namespace
}  // namespace sluice
