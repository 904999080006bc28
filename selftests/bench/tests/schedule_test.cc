// SPDX-License-Identifier: GPL-2.0-or-later
#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/files.h"
#include "runner/schedule.h"

namespace bench {
namespace {

Cell cell(const std::string &name)
{
    Cell c;
    c.name = name;
    c.command = "run " + name;
    c.image = "image";
    return c;
}

class Cells : public testing::Test {
protected:
    Cells() : directory_(std::move(*harness::TempDir::create()))
    {
        for (const char *name : {"kernel", "image", "other-image"})
            write(name, "v1");
    }

    void write(const std::string &name, const std::string &text)
    {
        ASSERT_TRUE(harness::write_file(directory_.path() / name, text));
    }
    std::filesystem::path file(const std::string &name) const { return directory_.path() / name; }
    CellStore store()
    {
        auto store = CellStore::open(
            directory_.path() / "cells",
            {{file("kernel")}, {{"image", file("image")}, {"other", file("other-image")}}});
        EXPECT_TRUE(store);
        return *store;
    }
    Outcome run(const std::vector<Cell> &cells, bool again = false)
    {
        Schedule schedule;
        schedule.at_once = 2;
        schedule.again = again;
        schedule.run = [this](const Cell &c) -> Result<Json> {
            runs_++;
            if (c.name == "a/bad")
                return harness::fail("run", c.name, "it broke");
            return Json{{"name", c.name}};
        };
        schedule.say = [this](const std::string &line) { said_.push_back(line); };
        return run_cells(cells, store(), schedule);
    }

    harness::TempDir directory_;
    std::atomic<int> runs_ = 0;
    std::vector<std::string> said_;
};

TEST_F(Cells, FinishedOnesAreNotRunAgain)
{
    EXPECT_EQ(run({cell("a/x"), cell("a/y")}).results.size(), 2U);
    const Outcome second = run({cell("a/x"), cell("a/y"), cell("a/z")});
    EXPECT_EQ(runs_, 3);
    EXPECT_EQ(second.results.size(), 3U);
    EXPECT_EQ(second.results.at("a/x")["name"], "a/x");
}

TEST_F(Cells, WhatDependsOnSomethingElseIsRunAgain)
{
    run({cell("a/x")});
    Cell other = cell("a/x");
    other.command += " --more";
    run({other});
    EXPECT_EQ(runs_, 2);
    write("kernel", "v2");
    run({other});
    EXPECT_EQ(runs_, 3);
    run({other}, true);
    EXPECT_EQ(runs_, 4);
}

TEST_F(Cells, OfTheImagesOnlyTheirOwnMatters)
{
    run({cell("a/x")});
    write("other-image", "v2");
    run({cell("a/x")});
    EXPECT_EQ(runs_, 1);
    write("image", "v2");
    run({cell("a/x")});
    EXPECT_EQ(runs_, 2);
}

TEST_F(Cells, AFileThatIsNotWholeCountsForNothing)
{
    run({cell("a/x")});
    write("cells/a.x.json", "{\"key\": ");
    run({cell("a/x")});
    EXPECT_EQ(runs_, 2);
}

TEST_F(Cells, FailuresAreNamedAndTriedAgain)
{
    const Outcome outcome = run({cell("a/bad"), cell("a/x")});
    EXPECT_THAT(outcome.failed.at("a/bad"), testing::HasSubstr("it broke"));
    EXPECT_EQ(outcome.results.size(), 1U);
    EXPECT_FALSE(store().find(cell("a/bad")));
    EXPECT_EQ(run({cell("a/bad")}).failed.size(), 1U);
}

TEST_F(Cells, ProgressSaysHowManyAreLeft)
{
    run({cell("a/x"), cell("a/y")});
    ASSERT_EQ(said_.size(), 2U);
    EXPECT_THAT(said_[1], testing::HasSubstr("2 of 2, about 0:00 left: ok"));
}

TEST(Estimate, CountsKnownAndUnknownCells)
{
    EXPECT_DOUBLE_EQ(estimate({10, 20}, 3, 30, 2), 60);
    EXPECT_DOUBLE_EQ(estimate({}, 0, 30, 2), 0);
    EXPECT_EQ(minutes(307), "5:07");
    EXPECT_EQ(minutes(59.6), "1:00");
}

TEST(Store, FilesThatAreMissingAreAnError)
{
    const auto directory = harness::TempDir::create();
    const auto cells = directory->path() / "cells", missing = directory->path() / "no-such-file";
    EXPECT_FALSE(CellStore::open(cells, {{missing}, {}}));
    EXPECT_FALSE(CellStore::open(cells, {{}, {{"image", missing}}}));
}

TEST(Store, HashIsFnv1a)
{
    EXPECT_EQ(hash_bytes(""), 0xcbf29ce484222325);
    EXPECT_EQ(hash_bytes("a"), 0xaf63dc4c8601ec8c);
}

}  // namespace
}  // namespace bench
