// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "cli/output_text.h"
#include "cli/picture.h"
#include "sluice/text.h"

namespace sluice {
namespace {

constexpr uint64_t mib = 1 << 20;

Range range(uint64_t start, uint64_t size, uint64_t count_milli, uint64_t fast_percent)
{
    return {start, start + size, count_milli, size, size * fast_percent / 100, 0, 0};
}

TEST(Picture, MarksHalveWithTheDensity)
{
    EXPECT_EQ(density_mark(1.0, 1.0), '@');
    EXPECT_EQ(density_mark(0.5, 1.0), '%');
    EXPECT_EQ(density_mark(0.25, 1.0), '#');
    EXPECT_EQ(density_mark(1e-9, 1.0), ':') << "little is not nothing";
    EXPECT_EQ(density_mark(0, 1.0), '.');
    EXPECT_EQ(density_mark(0, 0), '.');
}

TEST(Picture, TierByWhereTheBytesAre)
{
    EXPECT_EQ(tier_mark(100, 100), 'F');
    EXPECT_EQ(tier_mark(0, 100), 's');
    EXPECT_EQ(tier_mark(50, 100), '/');
}

TEST(Picture, OneRow)
{
    const std::vector<Range> ranges = {range(0x10000000, 4 * mib, 1000, 100),
                                       range(0x10000000 + 4 * mib, 4 * mib, 0, 0)};
    const PictureSize size{8, 2};
    EXPECT_EQ(cell_bytes(ranges, size), 512u << 10) << "8 MiB in 2 rows of 8 cells";
    EXPECT_EQ(draw_ranges(ranges, size),
              "    10000000 density |@@@@@@@@|\n"
              "             tier    |FFFFFFFF|\n"
              "    10400000 density |........|\n"
              "             tier    |ssssssss|\n");
}

TEST(Picture, GapsAreNamedNotDrawn)
{
    const std::vector<Range> ranges = {range(0x10000000, mib, 1000, 100),
                                       range(0x7f0000000000, mib, 1000, 50)};
    const std::string picture = draw_ranges(ranges, {4, 4});
    EXPECT_NE(picture.find("... 127.0 TiB of addresses without ranges"), std::string::npos)
        << picture;
    EXPECT_NE(picture.find("////"), std::string::npos);
}

TEST(Picture, FitsHoweverLargeTheRangesAre)
{
    const std::vector<Range> ranges = {range(0, uint64_t{1} << 46, 1000, 100)};
    const PictureSize size;
    const std::string picture = draw_ranges(ranges, size);
    EXPECT_LE(split_lines(picture).size(), 2 * size.rows);
}

TEST(Picture, NotInMemoryIsBlank)
{
    Range empty = range(0x10000000, mib, 0, 0);
    empty.resident_bytes = 0;
    EXPECT_NE(draw_ranges({empty}, {16, 1}).find("|                |"), std::string::npos);
    empty.resident_bytes = mib / 20;
    EXPECT_NE(draw_ranges({empty}, {16, 1}).find("|                |"), std::string::npos);
    empty.resident_bytes = mib / 10;
    EXPECT_NE(draw_ranges({empty}, {16, 1}).find("|................|"), std::string::npos);
}

TEST(Picture, MapPrintsUnitsAndCoverage)
{
    const auto report = collect_map(Sysroot(FIXTURES "/6.12"), 412);
    ASSERT_TRUE(report) << describe(report.error());
    const std::string text = to_text(*report);
    EXPECT_NE(text.find("covered: 683.0 MiB of the 684.3 MiB"), std::string::npos) << text;
    EXPECT_NE(text.find("a cell is "), std::string::npos);
    EXPECT_NE(text.find("capacity of 176.0 MiB"), std::string::npos) << text;
}

}  // namespace
}  // namespace sluice
