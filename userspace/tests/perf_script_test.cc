// SPDX-License-Identifier: GPL-2.0-or-later
// What perf says it saw, through the kernel's code.
#include "sim/perf_script.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/simulator.h"
#include "tests/run_command.h"

namespace sluice {
namespace {

constexpr uint64_t mib = 1 << 20;

TEST(PerfScript, ReadsWhatPerfPrints)
{
    const auto script = parse_perf_script(
        "           redis-server   412   331.063210:     7f10c4000040 \n"
        "  a name, even 3.5: so   413/417 [001]   331.163210123:  cpu/mem-loads,ldlat=30/P:  "
        "55d0c4000040 \n"
        "412 331.000001: 7f10c4200000\n"
        "\n"
        "  swapper   0   331.2:  ffffffff81000000\n"
        "  redis-server   412   331.3:  0\n"
        "# a remark\n",
        "it");
    ASSERT_TRUE(script) << describe(script.error());
    EXPECT_EQ(script->left_out, 3u);
    ASSERT_EQ(script->programs.size(), 2u);
    const Program &redis = script->programs[0], &other = script->programs[1];
    EXPECT_EQ(redis.pid, 412u);
    ASSERT_EQ(redis.accesses.size(), 2u);
    EXPECT_EQ(redis.accesses[0].time_ns, 0u) << "since the first of all";
    EXPECT_EQ(redis.accesses[1].time_ns, 63'209'000u);
    EXPECT_EQ(redis.accesses[1].address, 0x7f10c4000040u);
    EXPECT_EQ(redis.spans,
              (std::vector<std::pair<uint64_t, uint64_t>>{{0x7f10c4000000, 0x7f10c4400000}}));
    EXPECT_EQ(other.name, "a name, even 3.5: so");
    EXPECT_EQ(other.accesses[0].time_ns, 163'209'123u);
}

TEST(PerfScript, TakesNoHoleForMemory)
{
    const auto script =
        parse_perf_script("1 1.0: 10000000\n1 1.0: 11000000\n1 1.0: 7f0000000000\n", "it");
    ASSERT_TRUE(script);
    const auto &spans = script->programs[0].spans;
    ASSERT_EQ(spans.size(), 2u);
    EXPECT_EQ(spans[0].second - spans[0].first, 18 * mib) << "16 MiB apart is one mapping";
    EXPECT_EQ(script->programs[0].bytes(), 20 * mib);
}

TEST(PerfScript, RefusesOtherText)
{
    for (const char *text : {"", "nonsense\n", "412 331.0: \n", "x 331.0: 1000\n", "1.0: 1000\n"}) {
        const auto script = parse_perf_script(text, "it");
        ASSERT_FALSE(script) << text;
        EXPECT_NE(describe(script.error()).find("perf script -F"), std::string::npos);
    }
}

// 10 s of a program with 64 MiB, the last 8 MiB of which take nine of ten accesses.
std::string hot_program()
{
    std::string text;
    Random random(7);
    for (int i = 0; i < 20'000; ++i) {
        const uint64_t offset =
            random.unit() < 0.9 ? 56 * mib + random.below(8 * mib) : random.below(64 * mib);
        text += fmt::format("hot 9 {}.{:06}: {:x}\n", 100 + i / 2000, i % 2000 * 500,
                            0x7f0000000000 + offset);
    }
    return text;
}

TEST(PerfScript, TheHotPartIsFoundAndMoved)
{
    SimConfig config;
    config.load_latency = 300;  // perf has sampled already: nothing is left out
    config.programs = std::make_shared<const std::vector<Program>>(
        parse_perf_script(hot_program(), "it").value().programs);
    const auto result = simulate(config);
    ASSERT_TRUE(result) << describe(result.error());
    EXPECT_EQ(result->epochs.size(), 20u) << "10 s in epochs of 0.5 s";
    EXPECT_EQ(result->samples, 20'000u) << "each is a sample";
    EXPECT_LT(result->epochs.front().hit_ratio, 0.1);
    EXPECT_NEAR(result->best_hit_ratio, 0.9 + 0.1 * 0.2, 0.015) << "a fifth is fast";
    EXPECT_GT(result->final_hit_ratio, 0.85);
    EXPECT_LE(result->final_hit_ratio, result->best_hit_ratio + 0.01);
}

// Debian's perf in a guest with Debian's kernel, on load gups: 160 MiB, the middle twelfth is hot
// (tests/capture-guests perf).
TEST(PerfScript, ReadsAndRunsWhatARealPerfHasSeen)
{
    const std::string path = FIXTURES "/recordings/gups.script";
    const std::string text = read_file(path);
    const auto script = parse_perf_script(text, path);
    ASSERT_TRUE(script) << describe(script.error());
    const auto lines = static_cast<uint64_t>(std::ranges::count(text, '\n'));
    EXPECT_EQ(script->left_out, 0u) << "user space alone was asked for";
    ASSERT_EQ(script->programs.size(), 1u);
    const Program &program = script->programs[0];
    EXPECT_EQ(program.name, "sluice");
    EXPECT_EQ(program.accesses.size(), lines);
    EXPECT_GT(lines, 500u);
    EXPECT_GE(program.bytes(), 160 * mib);
    EXPECT_LT(program.bytes(), 180 * mib) << "the heap and the like, in pieces of 2 MiB";

    const Finished run =
        run_command(std::string(SLUICE_PROGRAM) + " sim --json --fast 25 --perf-script " + path);
    ASSERT_EQ(run.status, 0) << run.err;
    const auto result = nlohmann::json::parse(run.out)["summary"];
    EXPECT_EQ(result["samples"], lines);
    EXPECT_GT(result["splits"], 0) << "the hot part is told from the rest";
    EXPECT_GT(result["final_hit_permille"], 600);
}

TEST(PerfScript, FromTheCommandLineToAHeatMap)
{
    const TemporaryDirectory directory;
    const std::string sluice = SLUICE_PROGRAM, script = directory.path() + "/script",
                      data = directory.path() + "/data";
    write_file(script, hot_program() + "no sample\n");
    const Finished run =
        run_command(sluice + " sim --json --perf-script - -o " + data + " <" + script);
    EXPECT_EQ(run.status, 0) << run.err;
    EXPECT_NE(run.err.find("1 lines without"), std::string::npos) << run.err;
    EXPECT_EQ(nlohmann::json::parse(run.out)["config"]["pattern"], "recorded");
    const Finished map = run_command(sluice + " heatmap -i " + data);
    EXPECT_TRUE(map.out.starts_with("hot (pid 9), 20 epochs in 10.0 s")) << map.out;
    EXPECT_EQ(run_command(sluice + " sim --perf-script /nowhere").status, 1);
    EXPECT_EQ(run_command(sluice + " sim --perf-script x -i y").status, 2);
}

}  // namespace
}  // namespace sluice
