// SPDX-License-Identifier: GPL-2.0-or-later
// The pure parts: machine descriptions, manifests, KTAP, consoles, jobs.

#include <gtest/gtest.h>

#include "guest/job.h"
#include "harness/console.h"
#include "harness/files.h"
#include "harness/gtest_log.h"
#include "harness/judge.h"
#include "harness/ktap.h"
#include "harness/kvm.h"
#include "harness/machine.h"
#include "harness/manifest.h"
#include "harness/report.h"

namespace {

using harness::Verdict;

std::string outline(const std::vector<harness::TestCase> &cases)
{
    std::string out;
    for (const auto &c : cases)
        out += c.name + "=" + harness::verdict_name(c.verdict) + " ";
    return out;
}

std::string ktap(const std::string &text)
{
    return outline(harness::parse_ktap(text));
}

TEST(Ktap, FlatDocument)
{
    EXPECT_EQ(ktap("KTAP version 1\n1..3\nok 1 a\nnot ok 2 b\nok 3 c # SKIP why\n"),
              "a=ok b=FAILED c=SKIPPED ");
}

TEST(Ktap, WhatIsMissingIsAnError)
{
    EXPECT_EQ(ktap(""), "results=ERROR ");
    EXPECT_EQ(ktap("hello\n"), "results=ERROR ");
    EXPECT_EQ(ktap("KTAP version 1\n"), "plan=ERROR ");
    EXPECT_EQ(ktap("KTAP version 1\n1..0\n"), "plan=ERROR ");
    EXPECT_EQ(ktap("KTAP version 1\nok 1 a\n"), "a=ok plan=ERROR ");
    EXPECT_EQ(ktap("KTAP version 1\n1..3\nok 1 a\n# run b\n"), "a=ok b=ERROR result 3 of 3=ERROR ");
}

TEST(Ktap, ALineThatIsCutOffSaysNothing)
{
    EXPECT_EQ(ktap("KTAP version 1\n1..2\nok 1 a\nok 2 b"), "a=ok result 2 of 2=ERROR ");
}

TEST(Ktap, ResultsOutOfOrderAreErrors)
{
    EXPECT_EQ(ktap("KTAP version 1\n1..2\nok 2 b\n"), "b=ERROR b=ok ");
    EXPECT_EQ(ktap("KTAP version 1\n1..1\nok 1 a\nok 2 b\n"), "a=ok b=ERROR b=ok ");
}

TEST(Ktap, NestedSuitesCountAsTheirTests)
{
    EXPECT_EQ(
        ktap("KTAP version 1\n1..2\n"
             "    KTAP version 1\n    # Subtest: first\n    1..2\n    ok 1 a\n"
             "    # b: EXPECTATION FAILED\n    not ok 2 b\nnot ok 1 first\n"
             "    KTAP version 1\n    # Subtest: second\n    1..1\n    ok 1 c\nok 2 second\n"),
        "first.a=ok first.b=FAILED second.c=ok ");
}

TEST(Ktap, NestedSuiteThatStopsIsAnError)
{
    EXPECT_EQ(ktap("KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: s\n    1..2\n"
                   "    ok 1 a\n"),
              "s.a=ok s.result 2 of 2=ERROR result 1 of 1=ERROR ");
}

TEST(Ktap, SuiteThatFailsByItselfFails)
{
    EXPECT_EQ(ktap("KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: s\n    1..1\n"
                   "    ok 1 a\nnot ok 1 s\n"),
              "s.a=ok s=FAILED ");
}

TEST(Ktap, ConsoleWithTimeStampsAndOtherLines)
{
    EXPECT_EQ(
        ktap("[    0.1] booting\r\n[    0.2] KTAP version 1\r\n[    0.2] 1..1\r\n"
             "[    0.2]     KTAP version 1\r\n[    0.2]     # Subtest: s\r\n"
             "[    0.2]     1..1\r\n[    0.3] eth0: link up\r\n[    0.3][   T12]     ok 1 a\r\n"
             "[    0.4] ok 1 s\r\n[    0.5] Run /init\r\n"),
        "s.a=ok ");
}

TEST(Ktap, FailureKeepsItsReason)
{
    const auto cases =
        harness::parse_ktap("KTAP version 1\n1..1\n# run a\n# x.cc:3:\n# bad\nnot ok 1 a\n");
    EXPECT_EQ(cases.at(0).detail, "x.cc:3:\nbad\n");
}

TEST(GtestLog, NoTestsAreAnError)
{
    EXPECT_EQ(outline(harness::parse_gtest_log("")), "results=ERROR ");
    EXPECT_EQ(outline(harness::parse_gtest_log("[==========] Running 0 tests from 0 test suites.\n"
                                               "[==========] 0 tests from 0 test suites ran.\n")),
              "results=ERROR ");
}

TEST(GtestLog, TheSummaryDoesNotCountTwice)
{
    EXPECT_EQ(
        outline(harness::parse_gtest_log(
            "[==========] Running 1 test from 1 test suite.\n[ RUN      ] A.b\n"
            "[  FAILED  ] A.b (1 ms)\n[==========] 1 test from 1 test suite ran. (1 ms total)\n"
            "[  PASSED  ] 0 tests.\n[  FAILED  ] 1 test, listed below:\n"
            "[  FAILED  ] A.b\n")),
        "A.b=FAILED ");
}

TEST(Console, FindsComplaintsOfEveryKind)
{
    for (const char *line :
         {"[    1.0] WARNING: CPU: 1 PID: 3 at mm/x.c:3", "[ 1.0] BUG: unable to handle page fault",
          "[ 1.0] WARNING: possible circular locking dependency detected",
          "[ 1.0] rcu: INFO: rcu_sched self-detected stall on CPU",
          "[ 1.0] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
          "[ 1.0] UBSAN: array-index-out-of-bounds in a.c", "[ 1.0] Oops: 0000 [#1]",
          "[ 1.0] unchecked MSR access error: WRMSR to 0x38f"})
        EXPECT_EQ(harness::kernel_complaints(line).size(), 1u) << line;
    EXPECT_TRUE(harness::kernel_complaints("[ 1.0] sluice: cannot enable: no PEBS\n").empty());
}

TEST(Console, ADataRaceCountsIfWeTakePartInIt)
{
    const auto report = [](const std::string &writer, const std::string &caller) {
        return "[ 1.0] ==================================================================\n"
               "[ 1.0] BUG: KCSAN: data-race in " +
               writer +
               " / tick_nohz_idle\n"
               "[ 1.0] write to 0xffff88810b8 of 8 bytes by task 9 on cpu 0:\n"
               "[ 1.0]  " +
               writer + "+0x1/0x2\n[ 1.0]  " + caller +
               "+0x1/0x2\n"
               "[ 1.0] CPU: 0 UID: 0 PID: 9 Comm: sluice Not tainted 6.12.117-sluice #1\n"
               "[ 1.0] ==================================================================\n";
    };
    const auto complaints = [](const std::string &log) {
        return harness::kernel_complaints(log).size();
    };
    EXPECT_EQ(complaints(report("update_load", "schedule")), 0u);
    EXPECT_EQ(complaints(report("sluice_push", "schedule")), 1u);
    EXPECT_EQ(complaints(report("plan_add", "sluice_epoch_place")), 1u);
    EXPECT_EQ(complaints(report("update_load", "schedule") + report("a", "pebs_direct_drain")), 1u);
    const auto whole = report("update_load", "schedule");
    EXPECT_EQ(complaints(whole.substr(0, whole.size() - 100)), 1u) << "a report that was cut off";
    EXPECT_EQ(complaints(whole + "[ 1.0] BUG: unable to handle page fault\n"), 1u);
}

TEST(Console, LastLines)
{
    EXPECT_EQ(harness::last_lines("a\nb\nc\n", 2), (std::vector<std::string>{"b", "c"}));
    EXPECT_EQ(harness::last_line_with("x one\r\nx two\r\n", "x"), "x two");
    EXPECT_EQ(harness::last_line_with("q: real\nq: warning\n", "q:", "warning"), "q: real");
}

TEST(Machine, DescriptionsOfTheRepositoryAreGood)
{
    for (const char *name : {"pmem", "cxl", "three-tier", "flat", "no-pebs"}) {
        const auto text =
            harness::read_file(std::string(SOURCE_DIR "/../vm-images/machines/") + name + ".json");
        ASSERT_TRUE(text) << name;
        const auto machine = harness::parse_machine(name, *text);
        ASSERT_TRUE(machine) << machine.error().text();
        EXPECT_EQ(machine->memory_mib(), 1280u) << name;
    }
}

TEST(Machine, BadDescriptionsAreRefused)
{
    for (
        const char *text :
        {"", "{}", R"({"vcpus": 0, "pmu": true, "nodes": []})",
         R"({"vcpus": 2, "pmu": true, "nodes": []})",
         R"({"vcpus": 2, "pmu": true, "nodes": [{"memory_mib": 1, "latency_ns": 1}]})",
         R"({"vcpus": 2, "pmu": true, "nodes": [{"memory_mib": 1, "latency_ns": 1, "bandwidth_gib": 1}]})"})
        EXPECT_FALSE(harness::parse_machine("bad", text)) << text;
}

TEST(Machine, SizesAreOneForEachNode)
{
    harness::Machine m;
    m.nodes.resize(2);
    ASSERT_TRUE(harness::resize(m, "64,512"));
    EXPECT_EQ(m.nodes[0].memory_mib, 64u);
    EXPECT_EQ(m.nodes[1].memory_mib, 512u);
    for (const char *bad : {"", "64", "64,", "64,512,1", "64;512", "x,1", "0,1", "64,512 "})
        EXPECT_FALSE(harness::resize(m, bad)) << bad;
}

TEST(Manifest, TheRepositorysIsGood)
{
    const auto text = harness::read_file(SOURCE_DIR "/manifest.json");
    ASSERT_TRUE(text);
    const auto jobs = harness::parse_manifest("manifest.json", *text);
    ASSERT_TRUE(jobs) << jobs.error().text();
    EXPECT_GE(jobs->size(), 10u);
}

TEST(Manifest, BadOnesAreRefused)
{
    for (
        const char *text :
        {"", R"({"jobs": []})", R"({"jobs": [{"name": "a"}]})",
         R"({"jobs": [{"name": "a", "kind": "host", "program": "p"}]})",
         R"({"jobs": [{"name": "a", "kind": "magic", "program": "p", "timeout_s": 1}]})",
         R"({"jobs": [{"name": "a", "kind": "host", "program": "p", "timeout_s": 1, "tiemout": 2}]})",
         R"({"jobs": [{"name": "a", "kind": "host", "program": "p", "timeout_s": 1},
                       {"name": "a", "kind": "host", "program": "p", "timeout_s": 1}]})"})
        EXPECT_FALSE(harness::parse_manifest("m", text)) << text;
}

TEST(Job, SurvivesTheWay)
{
    guest::Job job;
    job.cwd = "/a b";
    job.argv = {"sh", "-c", "echo 'x'\n", ""};
    job.env = {"PATH=/bin", "EMPTY="};
    job.shares = {{"share0", "/tmp/x:y"}};
    guest::Job back;
    ASSERT_TRUE(guest::decode(guest::encode(job), back));
    EXPECT_EQ(back.cwd, job.cwd);
    EXPECT_EQ(back.argv, job.argv);
    EXPECT_EQ(back.env, job.env);
    EXPECT_EQ(back.shares.at(0).path, "/tmp/x:y");
}

TEST(Job, ThatIsCutOffIsRefused)
{
    guest::Job job;
    job.argv = {"true"};
    const auto text = guest::encode(job);
    guest::Job back;
    EXPECT_FALSE(guest::decode(text.substr(0, text.size() - 1), back));
    EXPECT_FALSE(guest::decode("", back));
    EXPECT_FALSE(guest::decode(std::string("magic=1\0", 8), back));
}

TEST(Kvm, IsRefusedUnlessItGivesPebs)
{
    EXPECT_FALSE(harness::judge_kvm(0, true));
    EXPECT_FALSE(harness::judge_kvm(0x2000, true));
    EXPECT_FALSE(harness::judge_kvm(0x44c0, false));
    EXPECT_FALSE(harness::judge_kvm(0x04c0, true)) << "without adaptive PEBS";
    EXPECT_FALSE(harness::judge_kvm(0x43c0, true)) << "format 3";
    EXPECT_TRUE(harness::judge_kvm(0x64c0, true));
}

TEST(Judge, SumsWhatThePmuSays)
{
    const char *info =
        "CPU 0:\n  records written: 10\n  pmis: 1\nCPU 1:\n"
        "  records written: 5\n  pmis: 0\n  old records written: 100\n";
    EXPECT_EQ(harness::pmu_total(info, "records written"), 15u);
    EXPECT_EQ(harness::pmu_total(info, "pmis"), 1u);
    EXPECT_EQ(harness::pmu_total(info, "records"), std::nullopt);
}

TEST(Judge, ComparesWithTheHardware)
{
    harness::Job job;
    job.comparisons = {{"sluice_records", "records written"}};
    harness::GuestResult guest;
    guest.outcome = harness::Outcome::exited;
    guest.results = "KTAP version 1\n1..1\n# measured sluice_records 15\nok 1 a\n";
    guest.pmu = "CPU 0:\n  records written: 10\nCPU 1:\n  records written: 5\n";
    EXPECT_EQ(outline(harness::judge_guest(job, guest)),
              "a=ok guest=ok hardware.sluice_records=ok ");
    guest.pmu = "CPU 0:\n  records written: 10\nCPU 1:\n  records written: 6\n";
    EXPECT_EQ(outline(harness::judge_guest(job, guest)),
              "a=ok guest=ok hardware.sluice_records=FAILED ");
    guest.pmu.reset();
    EXPECT_EQ(outline(harness::judge_guest(job, guest)),
              "a=ok guest=ok hardware.sluice_records=ERROR ");
}

TEST(Report, NothingAtAllIsNotGood)
{
    EXPECT_FALSE(harness::count(std::vector<harness::JobResult>()).good());
}

TEST(Report, XmlIsEscaped)
{
    harness::JobResult job;
    job.name = "a<b";
    job.cases = {{"x&\"y\"", Verdict::failed, "1 < 2\x01"}};
    const auto xml = harness::junit_report({job});
    EXPECT_NE(xml.find("a&lt;b"), std::string::npos);
    EXPECT_NE(xml.find("x&amp;&quot;y&quot;"), std::string::npos);
    EXPECT_NE(xml.find("1 &lt; 2?"), std::string::npos);
}

}  // namespace
