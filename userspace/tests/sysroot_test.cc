// SPDX-License-Identifier: GPL-2.0-or-later
// Readers, on a captured tree.
#include <gtest/gtest.h>

#include <cerrno>

#include "cli/report.h"
#include "sluice/sysroot.h"

namespace sluice {
namespace {

const Sysroot tree(FIXTURES "/6.12");

TEST(Sysroot, ErrorNamesOperationPathReasonAndHint)
{
    const auto text = tree.read("/proc/none");
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().operation, "read");
    EXPECT_NE(text.error().path.find("6.12/proc/none"), std::string::npos);
    EXPECT_EQ(text.error().reason, "No such file or directory");
    EXPECT_FALSE(text.error().hint.empty());
}

TEST(Sysroot, DeniedIsAMissingPermission)
{
    EXPECT_EQ(os_error("read", "/x", EACCES).code, Code::missing);
    EXPECT_EQ(os_error("read", "/x", EPERM).code, Code::missing);
    EXPECT_EQ(os_error("read", "/x", EIO).code, Code::failed);
}

TEST(Sysroot, DirectoryIsNoFile)
{
    EXPECT_FALSE(tree.read("/proc"));
    EXPECT_FALSE(tree.list("/proc/vmstat"));
    EXPECT_TRUE(tree.exists("/proc/vmstat"));
    EXPECT_FALSE(tree.exists("/proc/none"));
}

TEST(Report, Status)
{
    const auto report = collect_status(tree);
    ASSERT_TRUE(report) << describe(report.error());
    EXPECT_TRUE(is_enabled(report->knobs));
    EXPECT_EQ(report->knobs.at("manage"), KnobValue{std::string("all")});
    EXPECT_TRUE(account_of(report->counters).in_flight == 12);

    ASSERT_EQ(report->tiers.size(), 2u);
    EXPECT_EQ(report->tiers[0].kernel_id, 4) << "4 is before 22, unlike their names";
    EXPECT_EQ(report->tiers[0].nodes, std::vector<int>{0});
    EXPECT_EQ(report->tiers[1].rank, 1);
    EXPECT_EQ(report->tiers[1].memory.total_bytes, 1ull << 30);

    ASSERT_EQ(report->processes.managed.size(), 2u) << "process 1 is not managed";
    EXPECT_EQ(report->processes.managed[0].pid, 412);
    EXPECT_EQ(report->processes.managed[0].name, "redis-server");
    EXPECT_EQ(report->processes.managed[0].table.ranges.size(), 5u);
}

TEST(Report, KernelWithoutSluiceIsMissingAFeature)
{
    const auto report = collect_status(Sysroot(FIXTURES "/none"));
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Code::missing);
    EXPECT_NE(report.error().hint.find("CONFIG_SLUICE"), std::string::npos);
}

TEST(Report, RatesAreDifferences)
{
    auto before = collect_status(tree);
    ASSERT_TRUE(before);
    StatusReport after = *before;
    after.counters["sluice_promoted"] += 100;
    after.processes.managed[0].table.samples += 30;
    const TopReport report = compare(*before, after, 2.0);
    EXPECT_DOUBLE_EQ(report.rate("sluice_promoted"), 50.0);
    EXPECT_DOUBLE_EQ(report.rate("sluice_demoted"), 0.0);
    EXPECT_EQ(report.samples_by_pid.at(412), 30u);
}

TEST(Report, MapOfAnUnmanagedProcessSaysWhy)
{
    const auto report = collect_map(tree, 1);
    ASSERT_FALSE(report);
    EXPECT_NE(describe(report.error()).find("not managed"), std::string::npos);
    const auto none = collect_map(tree, 99999);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().reason, "there is no such process");
}

}  // namespace
}  // namespace sluice
