// SPDX-License-Identifier: GPL-2.0-or-later
// set is all or nothing, and what is known of the knobs is what the kernel says.
#include <gtest/gtest.h>

#include "sluice/knobs.h"
#include "sluice/text.h"
#include "tests/captured_tree.h"

#include <filesystem>
#include <regex>

namespace sluice {
namespace {

const std::string knobs = "/proc/sys/vm/sluice/";

std::vector<KnobChange> changes_of(const std::vector<std::string> &texts)
{
    std::vector<KnobChange> changes;
    for (const std::string &text : texts)
        changes.push_back(parse_change(text).value());
    return changes;
}

std::string value(const TreeCopy &tree, const std::string &name)
{
    return std::string(trim(tree.get(knobs + name)));
}

TEST(SetKnobs, ChangesAndSaysWhat)
{
    const TreeCopy tree("6.12-gups");
    const auto done =
        set_knobs(tree.root(), changes_of({"epoch_ms=250", "vm.sluice.manage=opt-in",
                                           "split_threshold=" + value(tree, "split_threshold")}));
    ASSERT_TRUE(done) << describe(done.error());
    EXPECT_EQ(done->size(), 2u) << "what is so already is not written";
    EXPECT_EQ(value(tree, "epoch_ms"), "250");
    EXPECT_EQ(value(tree, "manage"), "opt-in");
}

TEST(SetKnobs, OneBadValueChangesNothing)
{
    for (const char *bad : {"epoch_ms=9", "epoch_ms=60001", "epoch_ms=fast", "epoch_ms=-1",
                            "manage=some", "enabled=2", "nonsense=1", "min_range_kb=3"}) {
        const TreeCopy tree("6.12-gups");
        const auto done = set_knobs(tree.root(), changes_of({"relocate_mbps=77", bad}));
        ASSERT_FALSE(done) << bad;
        EXPECT_EQ(done.error().code, Code::usage) << bad;
        EXPECT_FALSE(done.error().hint.empty()) << bad;
        EXPECT_NE(value(tree, "relocate_mbps"), "77") << bad;
    }
}

TEST(SetKnobs, TwiceIsRefused)
{
    const TreeCopy tree("6.12-gups");
    EXPECT_FALSE(set_knobs(tree.root(), changes_of({"epoch_ms=250", "epoch_ms=300"})));
}

TEST(SetKnobs, WhatIsFixedWhileOnIsRefusedWhileOn)
{
    const TreeCopy tree("6.12-gups");
    ASSERT_EQ(value(tree, "enabled"), "1");
    const auto done = set_knobs(tree.root(), changes_of({"epoch_ms=250", "sample_period=1009"}));
    ASSERT_FALSE(done);
    EXPECT_NE(describe(done.error()).find("enabled"), std::string::npos);
    EXPECT_NE(value(tree, "epoch_ms"), "250");
    EXPECT_TRUE(set_knobs(tree.root(), changes_of({"sample_period=1009", "enabled=0"})));
    EXPECT_EQ(value(tree, "sample_period"), "1009");
}

// A file that can be read and never written stands for a knob that the kernel refuses.
TEST(SetKnobs, WhatTheKernelRefusesIsTakenBack)
{
    const TreeCopy tree("6.12-gups");
    const std::string before = value(tree, "epoch_ms");
    tree.put("/dev/kmsg", "6,1,1,-;sluice: split_threshold: no\n");
    tree.remove(knobs + "split_threshold");
    std::filesystem::create_symlink("/proc/version", tree.path() + knobs + "split_threshold");
    const auto done = set_knobs(tree.root(), changes_of({"epoch_ms=250", "split_threshold=7"}));
    ASSERT_FALSE(done);
    EXPECT_EQ(value(tree, "epoch_ms"), before);
    EXPECT_EQ(describe(done.error()).find("not taken back"), std::string::npos);
}

TEST(SetKnobs, TextIsNameAndValue)
{
    EXPECT_EQ(parse_change("vm.sluice.epoch_ms=5")->name, "epoch_ms");
    EXPECT_EQ(parse_change("a = b")->value, "b");
    for (const char *bad : {"", "=", "a", "a=", "=1"})
        EXPECT_FALSE(parse_change(bad)) << bad;
}

TEST(SetKnobs, ZeroMayMeanNotAtAll)
{
    const TreeCopy tree("guest-pmem");
    tree.put(knobs + "sample_stores", "0\n");
    tree.put(knobs + "buffer_kb", "64\n");
    ASSERT_TRUE(set_knobs(tree.root(), changes_of({"enabled=0", "sample_stores=1009"})));
    EXPECT_EQ(value(tree, "sample_stores"), "1009");
    ASSERT_TRUE(set_knobs(tree.root(), changes_of({"sample_stores=0"})));
    EXPECT_EQ(value(tree, "sample_stores"), "0");
    for (const char *bad : {"sample_stores=126", "buffer_kb=0"}) {
        const auto done = set_knobs(tree.root(), changes_of({bad}));
        ASSERT_FALSE(done) << bad;
        EXPECT_NE(describe(done.error()).find("is not allowed"), std::string::npos) << bad;
    }
    EXPECT_EQ(bounds_text(*find_knob("sample_stores")), "0 or 127 to 1000000007");
}

TEST(SetKnobs, WhatIsMeasuredIsNotSet)
{
    const TreeCopy tree("guest-pmem");
    tree.put(knobs + "move_cost_ns", "4000\n");
    const auto done = set_knobs(tree.root(), changes_of({"move_cost_ns=1"}));
    ASSERT_FALSE(done);
    EXPECT_NE(describe(done.error()).find("measured"), std::string::npos);
    EXPECT_EQ(value(tree, "move_cost_ns"), "4000");
}

TEST(KnobInfo, CoversTheCapturedGuest)
{
    const auto captured = read_knobs(Sysroot(FIXTURES "/guest-pmem"));
    ASSERT_TRUE(captured);
    for (const auto &[name, captured_value] : *captured)
        EXPECT_NE(find_knob(name), nullptr) << name;
}

// The patch that adds the controls: `struct knob_limits X = { .min = A, .max = B` and
// `SLUICE_KNOB(name, X)`. The buffer's bounds are the PMU's, with names of their own.
TEST(KnobInfo, HasTheBoundsOfTheKernel)
{
    std::string patch;
    for (const auto &entry : std::filesystem::directory_iterator(REPOSITORY "/patches/guest"))
        if (entry.path().string().find("controls") != std::string::npos)
            patch += read_file(entry.path());
    ASSERT_FALSE(patch.empty()) << "no patch with the controls";
    const std::regex knob(R"(SLUICE_KNOB\((\w+), (\w+)\))");
    unsigned seen = 0;
    for (std::sregex_iterator at(patch.begin(), patch.end(), knob), end; at != end; ++at) {
        if ((*at)[1] == "name" || (*at)[1] == "buffer_kb")  // the macro itself is "name"
            continue;
        const std::regex limits(
            "knob_limits " + (*at)[2].str() +
            R"( = \{[\s+]*\.min = (\d+), \.max = ([\d <]+),?(?: \.or_zero = (true),)?[\s])");
        std::smatch bounds;
        ASSERT_TRUE(std::regex_search(patch, bounds, limits)) << (*at)[2];
        const std::string max = bounds[2].str();
        const size_t shift = max.find("<<");
        const uint64_t max_value = shift == std::string::npos
                                       ? std::stoull(max)
                                       : 1ull << std::stoull(max.substr(shift + 2));
        const KnobInfo *info = find_knob((*at)[1].str());
        ASSERT_NE(info, nullptr) << (*at)[1];
        EXPECT_EQ(info->min, std::stoull(bounds[1])) << (*at)[1];
        EXPECT_EQ(info->max, max_value) << (*at)[1];
        EXPECT_EQ(info->or_zero, bounds[3].matched) << (*at)[1];
        ++seen;
    }
    EXPECT_GE(seen, 8u);
}

}  // namespace
}  // namespace sluice
