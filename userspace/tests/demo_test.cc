// SPDX-License-Identifier: GPL-2.0-or-later
// The demo's summary: it adds up what the runs found, and says so when it is not enough.
#include <gtest/gtest.h>

#include <cstdlib>

#include "demo/observer.h"
#include "demo/summary.h"
#include "tests/run_command.h"

namespace sluice {
namespace {

constexpr const char *info_pmu =
    "CPU 0:\n  records written: 700\n  records dropped: 0\n"
    "CPU 1:\n  records written: 300\n  l1 misses: 12\n";

Json redis_run(const std::string &mode, bool sluice, double hit_ratio)
{
    const int records = sluice ? 1000 : 0;
    return {{"schema", "sluice.demo-run/1"},
            {"name", mode + (sluice ? "-sluice" : "-first-touch")},
            {"load", "redis"},
            {"mode", mode},
            {"sluice", sluice},
            {"fast_tier_hit_ratio", hit_ratio},
            {"throughput_ops", 10000 + 10000 * hit_ratio},
            {"pages_promoted", sluice ? 20480 : 0},
            {"pages_demoted", sluice ? 20000 : 0},
            {"pages_migrated", sluice ? 40480 : 0},
            {"samples",
             {{"records", records},
              {"classified", sluice ? 950 : 0},
              {"dropped", {{"no_owner", 0}, {"unmanaged", sluice ? 50 : 0}}},
              {"dropped_total", sluice ? 50 : 0},
              {"in_flight", 0}}},
            {"pmis", 0},
            {"drains", sluice ? 400 : 0},
            {"context_switches", 5000},
            {"corrupt_bytes", 0},
            {"records_written", records}};
}

std::vector<Json> good_runs()
{
    return {redis_run("latest", false, 0.2), redis_run("latest", true, 0.5),
            redis_run("zipf", false, 0.25), redis_run("zipf", true, 0.26)};
}

std::string failures_of(const std::vector<Json> &runs)
{
    return summarize(runs)["failures"].dump();
}

TEST(DemoSummary, GoodRunsBreakNoPromise)
{
    const Json summary = summarize(good_runs());
    EXPECT_EQ(summary["schema"], "sluice.demo/1");
    EXPECT_EQ(summary["failures"].dump(), "[]");
    EXPECT_DOUBLE_EQ(summary["ratio"]["latest"]["fast_tier_hit_ratio"], 2.5);
    const Json &samples = summary["runs"]["latest-sluice"]["samples"];
    EXPECT_EQ(samples["written"], 1000);
    EXPECT_EQ(samples["drained"], 1000);
    EXPECT_EQ(samples["dropped"]["unmanaged"], 50);
}

TEST(DemoSummary, EachPromiseIsWatched)
{
    const auto broken = [](auto &&change) {
        std::vector<Json> runs = good_runs();
        change(runs[1]);
        return failures_of(runs);
    };
    const std::string none = "[]";
    EXPECT_NE(broken([](Json &run) { run["fast_tier_hit_ratio"] = 0.299; }), none);
    EXPECT_NE(broken([](Json &run) { run["pmis"] = 1; }), none);
    EXPECT_NE(broken([](Json &run) { run["corrupt_bytes"] = 1; }), none);
    EXPECT_NE(broken([](Json &run) { run["samples"]["in_flight"] = 1; }), none);
    EXPECT_NE(broken([](Json &run) { run["samples"]["in_flight"] = -1; }), none);
    EXPECT_NE(broken([](Json &run) { run["records_written"] = 1001; }), none);
    EXPECT_NE(broken([](Json &run) { run["samples"]["classified"] = 0; }), none);
    EXPECT_EQ(broken([](Json &run) { run["fast_tier_hit_ratio"] = 0.301; }), none);
}

TEST(DemoSummary, FirstTouchMustMoveNothing)
{
    std::vector<Json> runs = good_runs();
    runs[0]["pages_migrated"] = 1;
    EXPECT_NE(failures_of(runs), "[]");
}

TEST(DemoSummary, AMissingRunIsNoSuccess)
{
    std::vector<Json> runs = good_runs();
    runs.erase(runs.begin());
    EXPECT_NE(failures_of(runs).find("promised"), std::string::npos);
}

TEST(DemoSummary, UnknownWrittenIsNullNotZero)
{
    std::vector<Json> runs = good_runs();
    runs[1].erase("records_written");
    const Json summary = summarize(runs);
    EXPECT_TRUE(summary["runs"]["latest-sluice"]["samples"]["written"].is_null());
    EXPECT_EQ(summary["failures"].dump(), "[]");
}

TEST(DemoSummary, TableIsAsInTheGoldenFile)
{
    std::vector<Json> runs = good_runs();
    runs[3]["corrupt_bytes"] = 8;
    const std::string table = table_of(summarize(runs)), path = GOLDEN "/demo-table.txt";
    if (std::getenv("SLUICE_ACCEPT"))
        write_file(path, table);
    EXPECT_EQ(table, read_file(path)) << "if the new table is right: SLUICE_ACCEPT=1 and run again";
}

TEST(DemoSummary, WrittenIsTheSumOfAllCpus)
{
    EXPECT_EQ(parse_records_written(info_pmu), 1000u);
    EXPECT_FALSE(parse_records_written("No emulated performance monitoring unit\n"));
    EXPECT_FALSE(parse_records_written("  records written: many\n"));
}

TEST(DemoSummary, ReadsARunFromItsFolder)
{
    const TemporaryDirectory directory;
    Json run = redis_run("latest", true, 0.5);
    run.erase("records_written");
    write_file(directory.path() + "/result.json", run.dump());
    write_file(directory.path() + "/pmu.txt", info_pmu);
    const auto read = read_run(directory.path());
    ASSERT_TRUE(read) << describe(read.error());
    EXPECT_EQ((*read)["records_written"], 1000);

    write_file(directory.path() + "/result.json", "{}");
    EXPECT_FALSE(read_run(directory.path()));
    write_file(directory.path() + "/result.json", "half a fi");
    EXPECT_FALSE(read_run(directory.path()));
    EXPECT_FALSE(read_run(directory.path() + "/none"));
}

TEST(DemoObserver, SnapshotReadsAndSubtracts)
{
    const TemporaryDirectory directory;
    write_file(directory.path() + "/proc/stat", "cpu  1 2 3\nctxt 500\nbtime 7\n");
    write_file(directory.path() + "/proc/vmstat", "pgmigrate_success 9\nsluice_pmis 2\n");
    const auto before = Snapshot::take(Sysroot(directory.path()));
    ASSERT_TRUE(before) << describe(before.error());
    EXPECT_EQ(before->context_switches, 500u);
    EXPECT_EQ(before->pages_migrated, 9u);
    Snapshot after = *before;
    after.sluice["sluice_pmis"] = 5;
    EXPECT_EQ(difference(after, *before).sluice.at("sluice_pmis"), 3u);
}

// What a run captures is what `map` needs.
TEST(DemoObserver, CapturedTreeCanBeMapped)
{
    const TemporaryDirectory directory;
    const auto captured = capture_process(Sysroot(FIXTURES "/6.12"), 412, directory.path());
    ASSERT_TRUE(captured) << describe(captured.error());
    const Finished map = run_command(SLUICE_PROGRAM " --sysroot " + directory.path() + " map 412");
    EXPECT_EQ(map.status, 0) << map.err;
    EXPECT_NE(map.out.find("process 412 (redis-server): 5 ranges"), std::string::npos) << map.out;
}

}  // namespace
}  // namespace sluice
