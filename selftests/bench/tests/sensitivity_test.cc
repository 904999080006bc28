// SPDX-License-Identifier: GPL-2.0-or-later
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/sensitivity.h"

namespace bench {
namespace {

using testing::HasSubstr;

Json run_with(Json epochs, int hit_permille, int dropped)
{
    return {{"summary",
             {{"convergence_epochs", std::move(epochs)},
              {"final_hit_permille", hit_permille},
              {"best_hit_permille", 900},
              {"samples", 1000},
              {"dropped", dropped},
              {"promoted_pages", 77},
              {"ranges_most", 9},
              {"kernel_bytes", 4096}}}};
}

const Parameter parameter = {"Sample period", "period", {"127", "509"}, "loads", "Flat."};

TEST(Sensitivity, ASectionHasEachValuesFigures)
{
    const std::string text = section_of(parameter, {run_with({4}, 900, 0), run_with({5}, 450, 330)},
                                        {run_with({4, 7}, 810, 0), run_with({4, nullptr}, 90, 0)});
    EXPECT_THAT(text, HasSubstr("| 127 | 4.0 | 100.0 | 5.5 | 90.0 | 1000 | 0.0 | 77 |"));
    EXPECT_THAT(text, HasSubstr("| 509 | 5.0 | 50.0 | - | 10.0 | 1000 | 33.0 | 77 |"));
    EXPECT_THAT(text, HasSubstr("![Sample period](sensitivity/period.svg)"));
}

TEST(Sensitivity, AFigureHasAGroupForEachValue)
{
    const BarChart chart = figure_of(parameter, {run_with({4}, 900, 0), run_with({5}, 450, 0)},
                                     {run_with({4}, 810, 0), run_with({4}, 90, 0)});
    ASSERT_EQ(chart.groups.size(), 2u);
    EXPECT_EQ(chart.groups[1].label, "509");
    EXPECT_DOUBLE_EQ(*chart.groups[1].values[0], 50);
    EXPECT_DOUBLE_EQ(*chart.groups[1].values[1], 10);
}

TEST(Sensitivity, FiguresAreCalledByTheOption)
{
    EXPECT_EQ(figure_name({"", "--slow-ns", {}, "", ""}), "slow-ns.svg");
    EXPECT_EQ(figure_name(parameter), "period.svg");
}

TEST(Sensitivity, TheExponentIsThatOfThePowerLaw)
{
    EXPECT_NEAR(fitted_exponent({1, 10, 100}, {5, 5, 5}), 0, 1e-12);
    EXPECT_NEAR(fitted_exponent({1, 10, 100}, {3, 300, 30'000}), 2, 1e-12);
    EXPECT_NEAR(fitted_exponent({1, 4, 16}, {1, 2, 4}), 0.5, 1e-12);
    EXPECT_EQ(fitted_exponent({1, 2}, {0, 5}), 0);  // one point tells nothing
}

}  // namespace
}  // namespace bench
