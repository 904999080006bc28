// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cells.h"
#include "runner/document.h"
#include "runner/results.h"
#include "runner/svg.h"

namespace bench {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string document(const Reasons &reasons = {})
{
    return results_md(results_json(small_matrix(), small_results(), {}), reasons);
}

TEST(Document, TablesHaveTheFigures)
{
    const std::string text = document();
    EXPECT_THAT(text, HasSubstr("| load | first-touch | numab | oracle | sluice |"));
    EXPECT_THAT(text, HasSubstr("| gups | 1.00 | 1.25 | 2.00 | 1.67 |"));
    EXPECT_THAT(text, HasSubstr("| streaming | - | - | - | - |"));  // no gap
    EXPECT_THAT(text, HasSubstr("| numab | 2 | 1.13 |"));
    EXPECT_THAT(text, HasSubstr("/proc/x = 1"));
    EXPECT_THAT(text, Not(HasSubstr("without a result")));
}

TEST(Document, ALossStandsBesideTheWins)
{
    EXPECT_THAT(document(), HasSubstr("| streaming | 0.96 | first-touch | 0.96 | not found yet |"));
    EXPECT_THAT(document({{"streaming", "it moves."}}), HasSubstr("| 0.96 | it moves. |"));
    auto cells = small_results();
    cells["streaming/sluice"] = cells["streaming/first-touch"];
    EXPECT_THAT(results_md(results_json(small_matrix(), cells, {}), {}),
                HasSubstr("None: no alternative"));
}

TEST(Document, GoalsAreReachedOrMissed)
{
    const std::string text = document();
    EXPECT_THAT(text, HasSubstr("whole run | at least 1.40 | 1.13 | **missed** |"));
    EXPECT_THAT(text, HasSubstr("whole run, % | at least 90 | 64 | **missed** |"));
    EXPECT_THAT(text, HasSubstr("first touch, whole run | at least 0.97 | 0.96 | **missed** |"));
    EXPECT_THAT(text, HasSubstr("than `ring` | at least 10.0 | 12.0 | reached |"));
    EXPECT_THAT(text, HasSubstr("instructions, % | at most 1.00 | 5.00 | **missed** |"));
    EXPECT_THAT(text, HasSubstr("for moving) | at most 4.0 | 0.0 | reached |"));
    EXPECT_THAT(text, Not(HasSubstr("than `poll`")));  // no such cell
}

// Otherwise its speed-up would be held against oracles of other loads.
TEST(Document, ALoadWithoutAnOracleIsNotPartOfTheGap)
{
    auto cells = small_results();
    cells.erase("streaming/oracle");
    EXPECT_THAT(results_md(results_json(small_matrix(), cells, {}), {}),
                HasSubstr("whole run, % | at least 90 | 67 | **missed** |"));
}

TEST(Document, WhatFailedIsNamed)
{
    auto cells = small_results();
    cells.erase("gups/numab");
    EXPECT_THAT(
        results_md(results_json(small_matrix(), cells, {{"gups/numab", "no end within 60 s"}}), {}),
        HasSubstr("- gups/numab: no end within 60 s"));
}

TEST(Document, EveryPlotThatItRefersToIsThere)
{
    const std::string text = document();
    for (const auto &[name, svg] : plots(results_json(small_matrix(), small_results(), {}))) {
        EXPECT_THAT(text, HasSubstr("(results/" + name + ")"));
        EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
    }
}

TEST(Document, SameResultsSameText)
{
    EXPECT_EQ(document(), document());
}

TEST(Svg, BarsAreAsHighAsTheirValues)
{
    const std::string svg = to_svg(BarChart{
        "a < b", "x", {"one", "two"}, {{"g", {1.0, std::nullopt}}, {"h", {0.5, 2.0}}}, 1.0});
    EXPECT_THAT(svg, HasSubstr("a &lt; b"));
    EXPECT_THAT(svg, HasSubstr("height=\"204.0\""));  // 2.0: all of it
    EXPECT_THAT(svg, HasSubstr("height=\"102.0\""));
    EXPECT_THAT(svg, HasSubstr("height=\"51.0\""));
}

TEST(Svg, LabelsOfManyGroupsDoNotRunIntoEachOther)
{
    BarChart chart{"t", "", {"one"}, {{"a", {1.0}}, {"b", {1.0}}}, {}};
    EXPECT_THAT(to_svg(chart), Not(HasSubstr("y=\"304.0\"")));
    chart.groups.resize(16, {"c", {1.0}});
    EXPECT_THAT(to_svg(chart), HasSubstr("x=\"95.3\" y=\"288.0\" text-anchor=\"middle\">a<"));
    EXPECT_THAT(to_svg(chart), HasSubstr("x=\"145.9\" y=\"304.0\" text-anchor=\"middle\">b<"));
}

TEST(Svg, LinesStartLeftAndEndRight)
{
    const std::string svg = to_svg(LineChart{"t", "s", "%", 100, {{"one", {{0, 0}, {10, 100}}}}});
    EXPECT_THAT(svg, HasSubstr("points=\"70.0,270.0 880.0,66.0 \""));
    EXPECT_THAT(to_svg(LineChart{"empty", "s", "%", {}, {}}), HasSubstr("</svg>"));
}

TEST(Svg, StepsAreRound)
{
    EXPECT_DOUBLE_EQ(round_step(100, 6), 20);
    EXPECT_DOUBLE_EQ(round_step(2, 6), 0.5);
    EXPECT_DOUBLE_EQ(round_step(0.9, 10), 0.1);
}

}  // namespace
}  // namespace bench
