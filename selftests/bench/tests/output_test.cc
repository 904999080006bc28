// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/files.h"
#include "runner/guest_output.h"

namespace bench {
namespace {

TEST(GuestOutput, FindsTheResult)
{
    const auto result =
        result_of("[    1.0] booting\r\nsluice-bench: {\"corrupt_bytes\":0,\"a\":1}\r\nend\r\n");
    ASSERT_TRUE(result);
    EXPECT_EQ((*result)["a"], 1);
}

TEST(GuestOutput, DoesNotBelieveWhatIsNotWhole)
{
    EXPECT_FALSE(result_of("nothing\n"));
    EXPECT_FALSE(result_of("sluice-bench: {\"corrupt_bytes\":0,\"a\":\n"));
    EXPECT_FALSE(result_of("sluice-bench: {\"corrupt_bytes\":8}\n"));
    EXPECT_FALSE(result_of("sluice-bench: {\"a\":1}\n"));
    EXPECT_FALSE(
        result_of("[    1.0] WARNING: CPU: 0 PID: 1 at mm/x.c:1 f+0x1\nsluice-bench: "
                  "{\"corrupt_bytes\":0}\n"));
}

constexpr char kPmu[] =
    "CPU 0:\n  records written: 10\n  records dropped: 1\n  pmis: 2\n  msr 0x000003f1: reads 1 "
    "writes 2\n"
    "  msr 0x00000830: reads 5 writes 5\n  l1 hits: 7\n"
    "CPU 1:\n  records written: 5\n  records dropped: 0\n  pmis: 1\n  msr 0x000003f1: reads 0 "
    "writes 4\n";

TEST(GuestOutput, SumsThePmuOverCpus)
{
    const PmuActivity pmu = parse_pmu(kPmu);
    EXPECT_EQ(pmu.records, 15U);
    EXPECT_EQ(pmu.dropped, 1U);
    EXPECT_EQ(pmu.pmis, 3U);
    EXPECT_EQ(pmu.msr_accesses, (std::map<uint32_t, uint64_t>{{0x3f1, 7}}));
    EXPECT_EQ(pmu.all_msr_accesses(), 7U);
}

TEST(Matrix, OfTheRepositoryIsRead)
{
    const auto text = harness::read_file(std::string(BENCH_SOURCES) + "/matrix.json");
    ASSERT_TRUE(text);
    for (const char *suite : {"quick", "full"}) {
        const auto matrix = parse_matrix(*text, suite);
        ASSERT_TRUE(matrix) << matrix.error().text();
        const auto without_oracle = std::ranges::count_if(matrix->loads, [](const CellLoad &load) {
            return load.without == std::vector<std::string>{"oracle"};
        });
        EXPECT_EQ(without_oracle, std::string(suite) == "full" ? 1 : 0);
        EXPECT_EQ(cells_of(*matrix).size() + static_cast<size_t>(without_oracle),
                  matrix->loads.size() * matrix->policies.size() +
                      matrix->tracking_loads.size() * matrix->tracking_policies.size());
        for (const char *needed : {"first-touch", "oracle", "sluice"})
            EXPECT_THAT(matrix->policies, testing::Contains(needed));
    }
    const auto unknown = parse_matrix(*text, "no-such-suite");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().text(), testing::HasSubstr("there are full, long, numab, quick"));
    EXPECT_FALSE(parse_matrix("{", "quick"));
}

TEST(Matrix, CellsSayWhatToRun)
{
    const auto text = harness::read_file(std::string(BENCH_SOURCES) + "/matrix.json");
    const auto matrix = parse_matrix(*text, "full");
    ASSERT_TRUE(matrix);
    for (const Cell &cell : cells_of(*matrix)) {
        const bool tracking = cell.name.starts_with(kTracking);
        EXPECT_EQ(cell.memory_mib == matrix->all_fast_memory_mib,
                  tracking || cell.policy == "all-fast");
        EXPECT_EQ(cell.image, cell.load == "redis" ? "redis" : "bench");
        EXPECT_EQ(cell.command.find("--shift-every") != std::string::npos, cell.load == "shifting");
        const std::string load = cell.load.substr(tracking ? sizeof(kTracking) - 1 : 0);
        EXPECT_THAT(cell.command, testing::StartsWith("sluice-bench cell " + load + " " +
                                                      cell.policy + " --mib 256"));
    }
}

}  // namespace
}  // namespace bench
