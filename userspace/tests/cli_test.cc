// SPDX-License-Identifier: GPL-2.0-or-later
// The contract of the command line, on the program itself.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/run_command.h"

namespace sluice {
namespace {

using nlohmann::json;

const std::string program = SLUICE_PROGRAM;
const std::string fixture = " --sysroot " FIXTURES "/6.12";

Finished sluice(const std::string &arguments)
{
    return run_command(program + " " + arguments);
}

void expect_integers(const json &value, const std::string &where)
{
    if (value.is_structured())
        for (const auto &[key, inner] : value.items())
            expect_integers(inner, fmt::format("{}/{}", where, key));
    else
        EXPECT_FALSE(value.is_number_float()) << where << " is " << value;
}

TEST(Cli, HelpOnStdoutWhenAsked)
{
    for (const char *command :
         {"", "doctor ", "status ", "top ", "ranges ", "why ", "cost ", "get ", "set ", "metrics ",
          "map ", "record ", "report ", "heatmap ", "sim ", "load ", "load gups ", "load kv "}) {
        const Finished help = sluice(std::string(command) + "--help");
        EXPECT_EQ(help.status, 0) << command;
        EXPECT_EQ(help.err, "") << command;
        EXPECT_NE(help.out.find("Usage:"), std::string::npos) << command;
    }
}

TEST(Cli, EverySubcommandHasExamples)
{
    for (const char *command :
         {"doctor", "status", "top", "ranges", "why", "cost", "get", "set", "metrics", "map",
          "record", "report", "heatmap", "sim", "load gups", "load kv"})
        EXPECT_NE(sluice(std::string(command) + " --help").out.find("Examples:\n  sluice "),
                  std::string::npos)
            << command;
}

TEST(Cli, MisuseIsTwoAndOnStderr)
{
    for (const char *wrong :
         {"", "nonsense", "status --nonsense", "map", "map x", "map -- -1", "ranges",
          "ranges -p 412 --sort colour", "why -p 412", "why -p 412 nonsense", "set", "set epoch_ms",
          "cost -d -1", "load", "load gups --size-mib 0", "load gups --hot-percent 101",
          "load kv --mode random", "load kv --unix /s --port 1", "top -d 0"}) {
        const Finished result = sluice(wrong);
        EXPECT_EQ(result.status, 2) << wrong;
        EXPECT_EQ(result.out, "") << wrong;
        EXPECT_NE(result.err, "") << wrong;
    }
}

TEST(Cli, MissingKernelFeatureIsThree)
{
    for (const char *command : {"status", "top -n 1 -d 0.01", "status --json", "get", "metrics",
                                "set enabled=1", "ranges -p 1", "why -p 1 1000", "status -p 1"}) {
        const Finished result = sluice(std::string(command) + " --sysroot /nowhere");
        EXPECT_EQ(result.status, 3) << command;
        EXPECT_EQ(result.out, "") << command;
        EXPECT_NE(result.err.find("/nowhere/proc/sys/vm/sluice: No such file"), std::string::npos);
        EXPECT_NE(result.err.find("CONFIG_SLUICE"), std::string::npos) << "what to do";
    }
}

TEST(Cli, DoctorWorksOnAnyKernel)
{
    const Finished here = sluice("doctor");
    EXPECT_TRUE(here.status == 0 || here.status == 3) << here.status;
    EXPECT_EQ(here.err, "");
    EXPECT_EQ(sluice("doctor --sysroot /nowhere").status, 3);
    EXPECT_EQ(sluice("doctor --sysroot " FIXTURES "/guest-flat").status, 3);
    EXPECT_EQ(sluice("doctor --sysroot " FIXTURES "/guest-pmem").status, 0);
}

TEST(Cli, AFullDiskIsNoSuccess)
{
    const Finished result = run_command(program + " status" + fixture + " >/dev/full");
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("cannot write standard output: No space left"), std::string::npos)
        << result.err;
}

TEST(Cli, AClosedPipeIsSilent)
{
    const Finished result =
        run_command("timeout 20 " + program + " top -n 100000 -d 0.01" + fixture + " | head -n 1");
    EXPECT_EQ(result.status, 0) << "head's";
    EXPECT_EQ(result.err, "");
    EXPECT_EQ(result.out.find('\n'), result.out.size() - 1);
}

TEST(Cli, StatusOfOneProcess)
{
    const Finished result = sluice("status -p 412" + fixture);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_NE(result.out.find("process 412 (redis-server)"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("\nheap "), std::string::npos) << result.out;
    const Finished none = sluice("status -p 999999" + fixture);
    EXPECT_EQ(none.status, 1);
    EXPECT_NE(none.err.find("there is no such process"), std::string::npos) << none.err;
}

TEST(Cli, RangesAreSortedAndLimited)
{
    const auto starts = [](const std::string &arguments) {
        const json report = json::parse(sluice("ranges -p 412 --json " + arguments + fixture).out);
        std::vector<uint64_t> list;
        for (const json &range : report["ranges"])
            list.push_back(range["start"]);
        return list;
    };
    const auto by_address = starts("");
    ASSERT_EQ(by_address.size(), 5u);
    EXPECT_TRUE(std::is_sorted(by_address.begin(), by_address.end()));
    EXPECT_NE(starts("--sort density"), by_address);
    EXPECT_EQ(starts("--sort density -n 2").size(), 2u);
    EXPECT_EQ(starts("--sort density -n 1")[0], starts("--sort density")[0]);
    EXPECT_NE(sluice("ranges -p 412 -n 2" + fixture).out.find("and 3 more"), std::string::npos);
}

TEST(Cli, MetricsReplaceAFile)
{
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/sluice.prom";
    const Finished result = sluice("metrics -o " + path + fixture);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(read_file(path), sluice("metrics" + fixture).out);
    const Finished refused = sluice("metrics -o /nowhere/x" + fixture);
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.err.find("No such file"), std::string::npos) << refused.err;
}

TEST(Cli, GetAndSet)
{
    EXPECT_NE(sluice("get epoch_ms" + fixture).out.find(" ms "), std::string::npos);
    EXPECT_EQ(sluice("get nonsense" + fixture).status, 2);
    const Finished refused = sluice("set epoch_ms=5" + fixture);
    EXPECT_EQ(refused.status, 2);
    EXPECT_NE(
        refused.err.find("vm.sluice.epoch_ms: 5 is not allowed (allowed: 10 to 60000, in ms)"),
        std::string::npos)
        << refused.err;
}

TEST(Cli, FailureIsOne)
{
    EXPECT_EQ(sluice("map 1" + fixture).status, 1);
    const Finished result = sluice("load kv --unix /nowhere/socket");
    EXPECT_EQ(result.status, 1);
    EXPECT_NE(result.err.find("cannot connect to /nowhere/socket: No such file"), std::string::npos)
        << result.err;
}

TEST(Cli, StatusSpellsOutTheIdentity)
{
    const Finished result = sluice("status" + fixture);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_NE(result.out.find("9217 records = 9120 classified + 85 dropped + 12 in flight"),
              std::string::npos)
        << result.out;
    EXPECT_NE(result.out.find("redis-server"), std::string::npos);
    EXPECT_EQ(result.out.find('\033'), std::string::npos) << "no colour when piped";
}

TEST(Cli, StatusJson)
{
    const Finished result = sluice("status --json" + fixture);
    ASSERT_EQ(result.status, 0) << result.err;
    const json status = json::parse(result.out);
    EXPECT_EQ(status["schema"], "sluice.status/1");
    EXPECT_EQ(status["enabled"], true);
    EXPECT_EQ(status["knobs"]["sample_period"], 4093);
    EXPECT_EQ(status["knobs"]["manage"], "all");
    EXPECT_EQ(status["tiers"][0]["total_bytes"], 236048 * 1024);
    EXPECT_EQ(status["processes"][0]["fast_bytes"], (3072 + 98304 + 81920 + 4096) * 1024);
    EXPECT_EQ(status["samples"]["dropped"]["unmanaged"], 61);
    EXPECT_EQ(status["samples"]["in_flight"], 12);
    EXPECT_EQ(status["counters"]["sluice_promoted"], 40960);
    expect_integers(status, "");
}

TEST(Cli, TopPipedIsPlainAndCountsItsScreens)
{
    const Finished result = sluice("top -n 2 -d 0.01" + fixture);
    EXPECT_EQ(result.status, 0) << result.err;
    EXPECT_EQ(result.out.find('\033'), std::string::npos);
    size_t screens = 0;
    for (size_t at = 0; (at = result.out.find("rates over", at)) != std::string::npos; ++at)
        ++screens;
    EXPECT_EQ(screens, 2u);
}

TEST(Cli, TopJsonIsOneObjectALine)
{
    const Finished result = sluice("top -n 1 -d 0.01 --json" + fixture);
    ASSERT_EQ(result.status, 0) << result.err;
    const json top = json::parse(result.out);
    EXPECT_EQ(top["schema"], "sluice.top/1");
    EXPECT_EQ(top["counters"]["sluice_promoted"], 0) << "a captured tree stands still";
    EXPECT_EQ(top["processes"][0]["new_samples"], 0);
    expect_integers(top, "");
}

TEST(Cli, TopInterruptedIs130)
{
    const Finished result =
        run_command("timeout --preserve-status -s INT 0.3 " + program + " top -d 60" + fixture);
    EXPECT_EQ(result.status, 130) << result.err;
}

TEST(Cli, MapJson)
{
    const Finished result = sluice("map 412 --json" + fixture);
    ASSERT_EQ(result.status, 0) << result.err;
    const json map = json::parse(result.out);
    EXPECT_EQ(map["schema"], "sluice.map/1");
    EXPECT_EQ(map["ranges"].size(), 5u);
    EXPECT_EQ(map["ranges"][3]["start"], 0x7f10c4000000);
    EXPECT_EQ(map["node_bytes"]["1"], (73728ull + 49152 + 8ull * 512 + 1024) * 4096);
    expect_integers(map, "");
}

TEST(Cli, GupsJson)
{
    const Finished result = sluice("load gups --size-mib 1 --updates 5000 --seed 9 --json");
    ASSERT_EQ(result.status, 0) << result.err;
    const json gups = json::parse(result.out);
    EXPECT_EQ(gups["schema"], "sluice.load.gups/1");
    EXPECT_EQ(gups["size_bytes"], 1 << 20);
    EXPECT_EQ(gups["hot_permille"], 80);
    EXPECT_EQ(gups["hot_share_permille"], 900);
    EXPECT_EQ(gups["hot_position"], "end");
    EXPECT_EQ(gups["whole"]["operations"], 5000);
    EXPECT_EQ(gups["corrupt_bytes"], 0);
    expect_integers(gups, "");
}

TEST(Cli, GupsInterruptedStillReports)
{
    const Finished result = run_command("timeout --preserve-status -s INT 3 " + program +
                                        " load gups --size-mib 1 --seconds 60 --json");
    EXPECT_EQ(result.status, 130) << result.err;
    EXPECT_EQ(json::parse(result.out)["interrupted"], true);
}

}  // namespace
}  // namespace sluice
