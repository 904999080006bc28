// SPDX-License-Identifier: GPL-2.0-or-later
// A recording of a real guest, made by sluice record: load gups with 160 MiB, of which 8 % in the
// middle take 90 % of the updates; the fast tier has about 30 MiB.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/run_command.h"

namespace sluice {
namespace {

using nlohmann::json;

const std::string recording = FIXTURES "/recordings/gups.data";

json output_of(const std::string &command)
{
    const Finished run =
        run_command(std::string(SLUICE_PROGRAM) + " " + command + " --json -i " + recording);
    EXPECT_EQ(run.status, 0) << run.out << run.err;
    EXPECT_EQ(run.err, "") << "nothing to warn of";
    return json::parse(run.out);
}

TEST(Recorded, TheKernelsCodeDecidesOnceMoreWhatTheKernelDecided)
{
    const json replay = output_of("sim");
    EXPECT_EQ(replay["same"], true) << replay["differences"];
    EXPECT_EQ(replay["samples"], 6137);
    EXPECT_EQ(replay["splits"], 5);
    EXPECT_EQ(replay["splits_recorded"], 5);
    EXPECT_GE(replay["ranges"], 250);
    EXPECT_EQ(replay["placements"], 10);
}

TEST(Recorded, ReportTellsWhatTheLoadDid)
{
    const json report = output_of("report");
    EXPECT_EQ(report["process"], "sluice");
    EXPECT_EQ(report["complete"], true);
    EXPECT_EQ(report["lost_events"], 0);
    // Slow at first, then moved: the hot part is 12.8 MiB.
    EXPECT_GT(report["promoted_bytes"], 12'000'000);
    EXPECT_LT(report["ping_pong_bytes"], 1 << 20);
    const json &end = report["epochs"][report["end_epoch"].get<size_t>() - 1];
    EXPECT_GT(end["resident_bytes"], 160 << 20);
    EXPECT_LT(report["epochs"][4]["hit_permille"], 100);
    EXPECT_GT(report["epochs"][20]["hit_permille"], 800);
    const json &hottest = report["ranges"][0];
    EXPECT_EQ(hottest["tier"], 0);
    EXPECT_GE(hottest["fast_bytes"].get<uint64_t>() * 10,
              hottest["resident_bytes"].get<uint64_t>() * 9);
}

TEST(Recorded, TheHotPartIsSeenInTheMap)
{
    const json map = output_of("heatmap --rows 25");
    EXPECT_EQ(map["samples_shown"], 6137);
    // The three rows around the middle of 160 MiB have most of the samples before the last check.
    uint64_t hot = 0, all = 0;
    const size_t rows = map["rows"].size(), columns = map["columns"].size();
    std::vector<uint64_t> sums(rows);
    for (size_t row = 0; row < rows; ++row)
        for (size_t column = 0; column + 2 < columns; ++column)
            sums[row] += map["samples"][row][column].get<uint64_t>();
    for (size_t row = 0; row < rows; ++row)
        all += sums[row];
    std::ranges::sort(sums, std::greater());
    for (size_t i = 0; i < 3; ++i)
        hot += sums[i];
    EXPECT_GT(double(hot), 0.8 * double(all));
}

}  // namespace
}  // namespace sluice
