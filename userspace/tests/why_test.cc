// SPDX-License-Identifier: GPL-2.0-or-later
// Why a page is where it is: each answer, on a captured guest (gups, its end is hot).
#include <gtest/gtest.h>

#include "sluice/why.h"
#include "tests/captured_tree.h"

#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>

namespace sluice {
namespace {

const std::string fixture = "guest-pmem";

int gups_pid()
{
    const auto list = read_managed_processes(Sysroot(FIXTURES "/" + fixture));
    EXPECT_TRUE(list && list->managed.size() == 1);
    return list->managed.at(0).pid;
}

std::vector<Range> ranges()
{
    return read_process(Sysroot(FIXTURES "/" + fixture), gups_pid())->table.ranges;
}

WhyReport why(const Sysroot &root, uint64_t address)
{
    const auto report = explain_address(root, gups_pid(), address);
    EXPECT_TRUE(report) << describe(report.error());
    return report.value_or(WhyReport{});
}

std::string verdict(const Sysroot &root, uint64_t address)
{
    return name_of(why(root, address).verdict);
}

std::string table_path()
{
    return "/proc/" + std::to_string(gups_pid()) + "/sluice";
}

TEST(Why, EachRangeOfTheCapturedGuestIsExplained)
{
    const Sysroot root(FIXTURES "/" + fixture);
    for (const Range &range : ranges()) {
        const WhyReport report = why(root, range.start);
        ASSERT_TRUE(report.range);
        EXPECT_EQ(report.range->start, range.start);
        EXPECT_FALSE(report.because.empty());
        EXPECT_EQ(report.ranked, ranges().size());
        EXPECT_GE(report.rank, 1u);
        EXPECT_LE(report.rank, report.ranked);
        EXPECT_FALSE(report.node) << "a captured tree does not know the page";
    }
}

TEST(Why, DensestIsFirstAndFast)
{
    const auto all = ranges();
    const auto hottest = std::max_element(all.begin(), all.end(), [](const auto &a, const auto &b) {
        return a.samples_per_mib() < b.samples_per_mib();
    });
    const WhyReport report = why(Sysroot(FIXTURES "/" + fixture), hottest->start);
    EXPECT_EQ(report.rank, 1u);
    EXPECT_EQ(report.denser_bytes, 0u);
    EXPECT_STREQ(name_of(report.verdict), "in_fast_tier");
}

// A table made up for the three answers that depend on what is where.
TEST(Why, WantedAndPlaceDecide)
{
    const TreeCopy tree(fixture);
    const std::string header =
        "managed ranges 1 samples 9 epoch 9 capacity_kb 4096\n"
        "start-end count_milli resident_kb fast_kb age tier\n";
    const uint64_t start = ranges().front().start;
    const auto with = [&](const char *rest) {
        char line[128];
        std::snprintf(line, sizeof(line), "%lx-%lx %s\n", start, start + 0x200000, rest);
        tree.put(table_path(), header + line);
        return verdict(tree.root(), start);
    };
    EXPECT_EQ(with("9000 2048 2048 5 0"), "in_fast_tier");
    EXPECT_EQ(with("9000 2048 1024 5 0"), "on_its_way");
    EXPECT_EQ(with("9000 2048 1024 5 1"), "partly_fast");
    EXPECT_EQ(with("9000 2048 0 5 1"), "not_hot_enough");
}

TEST(Why, OffAndUnmanaged)
{
    const TreeCopy tree(fixture);
    const uint64_t start = ranges().front().start;
    tree.put(table_path(), "unmanaged\n");
    EXPECT_EQ(verdict(tree.root(), start), "process_unmanaged");
    tree.put("/proc/sys/vm/sluice/enabled", "0\n");
    EXPECT_EQ(verdict(tree.root(), start), "switched_off");
}

TEST(Why, MappingsThatAreLeftAlone)
{
    const Sysroot root(FIXTURES "/" + fixture);
    const auto mappings = read_mappings(root, gups_pid());
    ASSERT_TRUE(mappings);
    unsigned code = 0, stacks = 0;
    for (const Mapping &mapping : *mappings) {
        if (mapping.name.starts_with("/") && mapping.permissions[2] == 'x') {
            EXPECT_EQ(verdict(root, mapping.start), "mapping_unmanaged");
            ++code;
        }
        if (mapping.name == "[stack]") {
            EXPECT_NE(why(root, mapping.start).because.find("stack"), std::string::npos);
            ++stacks;
        }
    }
    EXPECT_GT(code, 0u);
    EXPECT_EQ(stacks, 1u);
    EXPECT_EQ(verdict(root, 0x1000), "not_mapped");
}

TEST(Why, ReasonsOfMappings)
{
    const auto parse = [](const std::string &line) {
        return parse_smaps(line).value().at(0).not_managed_because();
    };
    EXPECT_EQ(parse("100000-900000 rw-p 0 00:00 0\n"), "");
    EXPECT_EQ(parse("100000-900000 rw-p 0 00:00 0   [heap]\n"), "");
    EXPECT_EQ(parse("100000-900000 rw-s 0 00:00 0   /dev/shm/it\n"), "") << "shared memory";
    EXPECT_EQ(parse("100000-900000 r--p 0 00:00 0   /srv/data\n"), "") << "a file";
    EXPECT_NE(parse("100000-900000 r-xp 0 00:00 0   /bin/it\n"), "");
    EXPECT_NE(parse("100000-900000 ---p 0 00:00 0\n"), "");
    EXPECT_NE(parse("100000-900000 rw-s 0 00:00 0\nVmFlags: rd wr sh io pf\n"), "");
    EXPECT_NE(parse("100000-13f000 rw-p 0 00:00 0\n"), "");
    EXPECT_NE(parse("100000-900000 rw-p 0 00:00 0\nVmFlags: rd wr lo\n"), "");
    EXPECT_NE(parse("100000-900000 rw-p 0 00:00 0\nVmFlags: rd wr ht\n"), "");
    EXPECT_FALSE(parse_smaps("nonsense\n"));
}

TEST(Why, NoSuchProcess)
{
    const auto report = explain_address(Sysroot(FIXTURES "/" + fixture), 999999, 0x1000);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().reason, "there is no such process");
}

// On the running kernel: a page that was touched has a node, one that was not has none.
TEST(Why, NodeOfPageOfThisProcess)
{
    const size_t size = size_t{2} * 4096;
    void *memory =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    static_cast<char *>(memory)[0] = 1;
    const auto address = reinterpret_cast<uint64_t>(memory);
    const auto touched = node_of_page(::getpid(), address + 5);
    if (!touched && touched.error().reason == "Function not implemented")
        GTEST_SKIP() << "this kernel has no move_pages(2)";
    ASSERT_TRUE(touched) << describe(touched.error());
    EXPECT_TRUE(*touched);
    const auto untouched = node_of_page(::getpid(), address + 4096);
    ASSERT_TRUE(untouched);
    EXPECT_FALSE(*untouched);
    ::munmap(memory, size);
}

}  // namespace
}  // namespace sluice
