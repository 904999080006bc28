// SPDX-License-Identifier: GPL-2.0-or-later
// `sluice report`, `heatmap`, `record` and `sim --input` as a user runs them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/run_command.h"

namespace sluice {
namespace {

using nlohmann::json;

Finished sluice(const std::string &arguments)
{
    return run_command(std::string(SLUICE_PROGRAM) + " " + arguments);
}

// One recording for all: a simulated hot set that moves.
class RecordingCli : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        directory_ = new TemporaryDirectory;
        data_ = directory_->path() + "/sluice.data";
        const Finished made =
            sluice("sim --pattern shifting --epochs 30 --shift-every 10 --seed 3 -o " + data_);
        ASSERT_EQ(made.status, 0) << made.err;
    }
    static void TearDownTestSuite() { delete directory_; }

    static inline TemporaryDirectory *directory_;
    static inline std::string data_;
};

TEST_F(RecordingCli, ReportTellsWhatIsHot)
{
    const Finished report = sluice("report -i " + data_);
    EXPECT_EQ(report.status, 0) << report.err;
    for (const char *expected : {"simulated, pattern shifting",
                                 "working set (90 % of samples):", "hit ratio of the fast tier",
                                 "up and down again", "ranges at the end, by density"})
        EXPECT_NE(report.out.find(expected), std::string::npos) << expected << report.out;
    EXPECT_EQ(report.out.find('\033'), std::string::npos);
}

TEST_F(RecordingCli, ReportJson)
{
    const Finished result = sluice("report --json -i " + data_);
    ASSERT_EQ(result.status, 0) << result.err;
    const json report = json::parse(result.out);
    EXPECT_EQ(report["schema"], "sluice.report/1");
    EXPECT_EQ(report["complete"], true);
    EXPECT_EQ(report["lost_events"], 0);
    ASSERT_EQ(report["epochs"].size(), 30u);
    uint64_t samples = 0, promoted = 0;
    for (const json &epoch : report["epochs"]) {
        samples += epoch["samples"].get<uint64_t>();
        promoted += epoch["promoted_bytes"].get<uint64_t>();
    }
    EXPECT_EQ(report["samples"], samples);
    EXPECT_EQ(report["promoted_bytes"], promoted);
    EXPECT_GT(report["hit_permille"], 600);
    EXPECT_LT(report["epochs"][0]["hit_permille"], 200);
    EXPECT_GT(report["epochs"][9]["hit_permille"], 800);
}

TEST_F(RecordingCli, HeatmapInAllFormats)
{
    const Finished text = sluice("heatmap -i " + data_);
    EXPECT_EQ(text.status, 0) << text.err;
    EXPECT_NE(text.out.find("shown: 1.0 GiB of addresses in 1 piece"), std::string::npos);
    EXPECT_NE(text.out.find('@'), std::string::npos);
    EXPECT_NE(text.out.find('F'), std::string::npos);
    const Finished csv = sluice("heatmap --format csv --columns 3 --rows 4 -i " + data_);
    EXPECT_EQ(csv.status, 0);
    EXPECT_TRUE(csv.out.starts_with("start_ns,"));
    const std::string svg = directory_->path() + "/heat.svg";
    const Finished drawn = sluice("heatmap --format svg -o " + svg + " -i " + data_);
    EXPECT_EQ(drawn.status, 0);
    EXPECT_EQ(drawn.out, "");
    EXPECT_NE(drawn.err.find("wrote " + svg), std::string::npos);
    EXPECT_TRUE(read_file(svg).starts_with("<svg "));
    const std::string from = "class=\"tick\"", picture = read_file(svg);
    size_t ticks = 0;
    for (size_t at = 0; (at = picture.find(from, at)) != std::string::npos; at += from.size())
        ++ticks;
    EXPECT_EQ(ticks, 8u) << "15 s, a tick every 2 s";
    const json grid = json::parse(sluice("heatmap --json -i " + data_).out);
    EXPECT_EQ(grid["schema"], "sluice.heatmap/1");
    EXPECT_EQ(grid["samples"].size(), grid["rows"].size());
    EXPECT_EQ(grid["samples"][0].size(), grid["columns"].size());
}

TEST_F(RecordingCli, TheHotSpotIsWhereItIs)
{
    // 1 GiB in 24 rows; the hot twelfth moves twice: three places are hottest, one after another.
    const json grid = json::parse(sluice("heatmap --json --columns 3 -i " + data_).out);
    for (size_t column = 0; column < 3; ++column) {
        uint64_t hot = 0, all = 0;
        std::vector<uint64_t> rows;
        for (const json &row : grid["samples"]) {
            rows.push_back(row[column].get<uint64_t>());
            all += rows.back();
        }
        std::ranges::sort(rows, std::greater());
        for (size_t i = 0; i < 3; ++i)
            hot += rows[i];
        EXPECT_GT(double(hot), 0.85 * double(all)) << column;
    }
}

TEST_F(RecordingCli, ReplayDecidesTheSame)
{
    const Finished result = sluice("sim --json --input " + data_);
    EXPECT_EQ(result.status, 0) << result.out << result.err;
    const json replay = json::parse(result.out);
    EXPECT_EQ(replay["schema"], "sluice.sim.replay/1");
    EXPECT_EQ(replay["same"], true);
    EXPECT_EQ(replay["epochs"], 30);
    EXPECT_NE(sluice("sim -i " + data_).out.find("decide the same"), std::string::npos);
}

TEST_F(RecordingCli, ATruncatedRecordingIsShownWithAWarning)
{
    const std::string cut = directory_->path() + "/cut.data";
    const std::string bytes = read_file(data_);
    write_file(cut, bytes.substr(0, bytes.size() * 3 / 4));
    const Finished report = sluice("report -i " + cut);
    EXPECT_EQ(report.status, 0) << report.err;
    EXPECT_NE(report.out.find("This recording is not whole: it ends within a block"),
              std::string::npos)
        << report.out;
    EXPECT_NE(sluice("heatmap -i " + cut).err.find("not whole"), std::string::npos);
}

TEST_F(RecordingCli, MisuseAndFailure)
{
    for (const char *wrong : {"heatmap --format png", "heatmap --rows 0", "report --nonsense",
                              "record -p 1 true", "record --buffer-kib 1", "sim -p 3"})
        EXPECT_EQ(sluice(wrong).status, 2) << wrong;
    for (const char *failing :
         {"report -i /nowhere/x", "heatmap -i /nowhere/x", "sim -i /nowhere/x"}) {
        const Finished result = sluice(failing);
        EXPECT_EQ(result.status, 1) << failing;
        EXPECT_NE(result.err.find("cannot read /nowhere/x: No such file"), std::string::npos);
    }
    EXPECT_EQ(sluice("report -p 99999 -i " + data_).status, 1);
    EXPECT_EQ(sluice("heatmap --from 1 --to 2 -i " + data_).status, 1);
    EXPECT_EQ(sluice("heatmap -o /nowhere/x -i " + data_).status, 1);
    EXPECT_EQ(sluice("record --sysroot /nowhere").status, 3);
}

// A kernel without the trace events, with and without Sluice: nothing stays behind.
TEST(RecordCli, SaysWhichKernelIsNeeded)
{
    const TemporaryDirectory tree;
    const std::string instances = tree.path() + "/sys/kernel/tracing/instances";
    std::filesystem::create_directories(instances);
    const std::string record = "record --sysroot " + tree.path() + " -o " + tree.path() + "/data";
    const Finished plain = sluice(record);
    EXPECT_EQ(plain.status, 3);
    EXPECT_NE(plain.err.find("no trace events of Sluice (boot a kernel with CONFIG_SLUICE"),
              std::string::npos)
        << plain.err;
    std::filesystem::create_directories(tree.path() + "/proc/sys/vm/sluice");
    const Finished older = sluice(record);
    EXPECT_EQ(older.status, 3);
    EXPECT_NE(older.err.find("its Sluice is older than this program"), std::string::npos)
        << older.err;
    EXPECT_TRUE(std::filesystem::is_empty(instances));
    EXPECT_FALSE(std::filesystem::exists(tree.path() + "/data"));
}

}  // namespace
}  // namespace sluice
