// SPDX-License-Identifier: GPL-2.0-or-later
#include <fstream>

#include <gtest/gtest.h>

#include "cells.h"
#include "harness/files.h"
#include "harness/process.h"
#include "runner/results.h"

namespace bench {
namespace {

TEST(Results, ThroughputIsOperationsBySecondOfVirtualTime)
{
    const Json cell = make_cell("gups", "sluice", {{10, 1000, 0, 1}, {30, 2000, 0, 1}});
    EXPECT_DOUBLE_EQ(throughput(cell), 30 / 2000e-9);
    EXPECT_DOUBLE_EQ(settled_throughput(cell), 20 / 1000e-9);
}

TEST(Results, HitRatioIsOfMisses)
{
    const Json cell = make_cell("gups", "sluice", {{10, 1000, 1, 9}, {30, 2000, 9, 1}});
    EXPECT_DOUBLE_EQ(hit_ratio(cell), 0.5);
    EXPECT_DOUBLE_EQ(settled_hit_ratio(cell), 0.9);
    EXPECT_EQ(hit_ratio(make_cell("gups", "sluice", {{10, 1000, 0, 0}})), 0);
}

TEST(Results, TimeTo90IsTheStartOfTheFirstGoodPoint)
{
    const Json cell = make_cell(
        "gups", "sluice",
        {{10, 1'000'000'000, 1, 9}, {20, 2'000'000'000, 8, 2}, {30, 3'000'000'000, 9, 1}});
    EXPECT_EQ(time_to_90(cell, 0.9), std::optional(2.0));
    EXPECT_EQ(time_to_90(cell, 0.88), std::optional(1.0));
    EXPECT_EQ(time_to_90(cell, 0.1), std::optional(0.0));
    EXPECT_EQ(time_to_90(cell, 1.1), std::nullopt);
}

TEST(Results, AfterAShiftTimeStartsAnew)
{
    const std::vector<Point> points = {{10, 1'000'000'000, 9, 1},
                                       {20, 2'000'000'000, 1, 9},
                                       {30, 3'000'000'000, 9, 1},
                                       {40, 4'000'000'000, 9, 1}};
    EXPECT_EQ(time_to_90(make_cell("shifting", "sluice", points, {10}), 0.9), std::optional(0.5));
    // Not found again: no time, however good the first part was.
    EXPECT_EQ(time_to_90(make_cell("shifting", "sluice", {points[0], points[1]}, {10}), 0.9),
              std::nullopt);
}

TEST(Results, GapIsToldWhereThereIsOne)
{
    EXPECT_DOUBLE_EQ(gap_closed(75, 50, 100).value(), 0.5);
    EXPECT_DOUBLE_EQ(gap_closed(40, 50, 100).value(), -0.2);
    EXPECT_EQ(gap_closed(50, 100, 101), std::nullopt);
    EXPECT_EQ(gap_closed(50, 100, 98), std::nullopt);
}

TEST(Results, GeometricMean)
{
    EXPECT_DOUBLE_EQ(geometric_mean({1, 4}).value(), 2);
    EXPECT_EQ(geometric_mean({}), std::nullopt);
    EXPECT_EQ(geometric_mean({1, 0}), std::nullopt);
}

TEST(Results, FiguresOfALoad)
{
    const Json results = results_json(small_matrix(), small_results(), {});
    const Json &gups = results["loads"][0]["policies"];
    EXPECT_DOUBLE_EQ(gups["sluice"]["relative"], 100.0 / 60);
    EXPECT_NEAR(gups["sluice"]["gap_closed"].get<double>(),
                (1 / 60.0 - 1 / 100.0) / (1 / 50.0 - 1 / 100.0), 1e-9);
    EXPECT_NEAR(gups["sluice"]["seconds_to_90"].get<double>(), 35e-9, 1e-12);
    EXPECT_DOUBLE_EQ(gups["sluice"]["kernel_share"], 0.1);
    EXPECT_TRUE(gups["numab"]["seconds_to_90"].is_null());
    EXPECT_TRUE(results["loads"][1]["policies"]["sluice"]["gap_closed"].is_null());
    const Json &numab = results["sluice_against"][1];
    EXPECT_EQ(numab["policy"], "numab");
    EXPECT_NEAR(numab["throughput_ratio"].get<double>(), std::sqrt(80.0 / 60 * 100 / 104), 1e-9);
    EXPECT_NEAR(numab["worst_ratio"].get<double>(), 100.0 / 104, 1e-9);
}

TEST(Results, TrackingIsWhatGoesBeyondTheSameRunWithoutIt)
{
    const Json tracking =
        results_json(small_matrix(), small_results(), {})["tracking"][0]["policies"];
    ASSERT_EQ(tracking.size(), 2U);
    EXPECT_EQ(tracking[0]["policy"], "ring");
    EXPECT_EQ(tracking[0]["instructions_per_sample"], 60);
    EXPECT_EQ(tracking[1]["instructions_per_sample"], 5);
    EXPECT_DOUBLE_EQ(tracking[1]["extra_share"].get<double>(), 0.05);
    EXPECT_EQ(tracking[1]["msr_accesses"], 2);
}

TEST(Results, WhatIsMissingIsLeftOut)
{
    auto cells = small_results();
    cells.erase("gups/oracle");
    cells.erase("streaming/sluice");
    const Json results = results_json(small_matrix(), cells, {{"gups/oracle", "timeout"}});
    EXPECT_FALSE(results["loads"][0]["policies"].contains("oracle"));
    EXPECT_FALSE(results["loads"][0]["policies"]["sluice"].contains("gap_closed"));
    EXPECT_EQ(results["sluice_against"][0]["loads"], 1);
    EXPECT_EQ(results["failed"]["gups/oracle"], "timeout");
}

// By the schema that results are held to (python3-jsonschema).
int validate(const Json &results)
{
    auto directory = harness::TempDir::create();
    EXPECT_TRUE(directory);
    const auto file = directory->path() / "results.json";
    EXPECT_TRUE(harness::write_file(file, results.dump()));
    auto python = harness::Process::start(
        {{"python3", "-c",
          "import json, sys, jsonschema\n"
          "jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))",
          file, std::string(BENCH_SOURCES) + "/results.schema.json"},
         {},
         -1,
         -1});
    EXPECT_TRUE(python);
    return python->wait(std::chrono::seconds(30)).value_or(-1);
}

TEST(Results, FitTheirSchema)
{
    Json results = results_json(small_matrix(), small_results(), {{"x/y", "timeout"}});
    EXPECT_EQ(validate(results), 0);
    results["cells"][0]["misses"]["fast"] = -1;
    EXPECT_NE(validate(results), 0);
    results["cells"][0]["misses"]["fast"] = 1;
    results["loads"][0]["policies"]["sluice"]["surprise"] = 1;
    EXPECT_NE(validate(results), 0);
}

}  // namespace
}  // namespace bench
