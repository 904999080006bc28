// SPDX-License-Identifier: GPL-2.0-or-later
// `sluice sim` as a user runs it.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/run_command.h"

namespace sluice {
namespace {

using nlohmann::json;

Finished sim(const std::string &arguments)
{
    return run_command(std::string(SLUICE_PROGRAM) + " sim " + arguments);
}

json sim_json(const std::string &arguments)
{
    const Finished result = sim(arguments + " --json");
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out);
}

TEST(SimCli, SameSeedSameResult)
{
    json a = sim_json("--epochs 10 --seed 4 --pattern zipf");
    json b = sim_json("--epochs 10 --seed 4 --pattern zipf");
    EXPECT_TRUE(a["host"].is_object());
    a.erase("host"), b.erase("host");
    EXPECT_EQ(a, b);
    json c = sim_json("--epochs 10 --seed 5 --pattern zipf");
    c.erase("host");
    EXPECT_NE(a, c);
}

TEST(SimCli, Schema)
{
    const json run = sim_json("--epochs 3 --size 2GiB --hot 100MiB");
    EXPECT_EQ(run["schema"], "sluice.sim/1");
    EXPECT_EQ(run["config"]["size_bytes"], 2147483648);
    EXPECT_EQ(run["config"]["hot_bytes"], 104857600);
    EXPECT_EQ(run["config"]["epoch_ns"], 500000000);
    EXPECT_EQ(run["epochs"].size(), 3u);
    for (const char *key :
         {"best_hit_permille", "final_hit_permille", "convergence_epochs", "samples", "dropped",
          "ranges_most", "splits", "merges", "promoted_pages", "demoted_pages", "kernel_bytes"})
        EXPECT_TRUE(run["summary"].contains(key)) << key;
    for (const auto &[key, value] : run["summary"].items())
        EXPECT_FALSE(value.is_number_float()) << key;
}

TEST(SimCli, SweepIsATableAndJson)
{
    const Finished table = sim("--epochs 2 --sweep period=509,4093");
    EXPECT_EQ(table.status, 0) << table.err;
    EXPECT_NE(table.out.find("90 % after"), std::string::npos);
    EXPECT_EQ(std::ranges::count(table.out, '\n'), 3);
    const json runs = sim_json("--epochs 2 --sweep period=509,4093 --sweep epoch-ms=100,500");
    EXPECT_EQ(runs["schema"], "sluice.sim.sweep/1");
    ASSERT_EQ(runs["runs"].size(), 4u);
    EXPECT_EQ(runs["runs"][3]["values"]["epoch-ms"], 500);
}

TEST(SimCli, MisuseIsTwo)
{
    for (const char *wrong : {"--pattern nonsense", "--sweep nonsense=1", "--min-range 3000",
                              "--size 1KiB", "--fast 101", "--processes 0"}) {
        const Finished result = sim(wrong);
        EXPECT_EQ(result.status, 2) << wrong;
        EXPECT_EQ(result.out, "") << wrong;
        EXPECT_NE(result.err, "") << wrong;
    }
}

}  // namespace
}  // namespace sluice
