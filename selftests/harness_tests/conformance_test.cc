// SPDX-License-Identifier: GPL-2.0-or-later
// docs/pmu-conformance.md against the tests that there are.

#include <filesystem>
#include <regex>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "harness/console.h"
#include "harness/files.h"

namespace {

namespace fs = std::filesystem;

constexpr int kFacts = 27;

std::string text_of(const fs::path &file)
{
    const auto text = harness::read_file(file);
    EXPECT_TRUE(text) << file;
    return text.value_or("");
}

// "suite.name" of each test in the files of a folder whose names end like this.
std::set<std::string> tests_in(const fs::path &dir, const std::string &ending)
{
    static const std::regex kTest(R"((?:^|\n)TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+))");
    std::set<std::string> names;
    for (const auto &entry : fs::directory_iterator(dir)) {
        if (!entry.path().filename().string().ends_with(ending))
            continue;
        const std::string text = text_of(entry.path());
        for (std::sregex_iterator at(text.begin(), text.end(), kTest), end; at != end; ++at)
            names.insert((*at)[1].str() + "." + (*at)[2].str());
    }
    return names;
}

// What a line of the page has between backticks and looks like "suite.name".
std::set<std::string> names_in(const std::string &line)
{
    static const std::regex kName(R"(`(\w+\.\w+)`)");
    std::set<std::string> names;
    for (std::sregex_iterator at(line.begin(), line.end(), kName), end; at != end; ++at)
        names.insert((*at)[1].str());
    return names;
}

class ConformanceTable : public testing::Test {
protected:
    const fs::path root_ = fs::path(SOURCE_DIR).parent_path();
    const std::set<std::string> bare_ = tests_in(root_ / "selftests/pmu", "_test.cc");
    const std::set<std::string> linux_ = tests_in(root_ / "selftests/suites", ".cc");
    const std::set<std::string> virtual_time_ = tests_in(root_ / "selftests/virtual_time", ".cc");
    const std::vector<std::string> lines_ =
        harness::console_lines(text_of(root_ / "docs/pmu-conformance.md"));
};

TEST_F(ConformanceTable, NamesOnlyTestsThatExist)
{
    EXPECT_GT(bare_.size(), 100u);
    for (const auto &line : lines_) {
        if (!line.starts_with("|"))
            continue;
        // In a table of edits only the last column names tests.
        const bool fact = line.size() > 2 && isdigit(line[2]);
        const auto from = fact ? 0 : line.rfind('|', line.size() - 2);
        for (const auto &name : names_in(line.substr(from)))
            EXPECT_TRUE(bare_.contains(name) || linux_.contains(name) ||
                        virtual_time_.contains(name))
                << name;
    }
}

TEST_F(ConformanceTable, CoversEveryFact)
{
    std::set<int> covered;
    for (const auto &line : lines_)
        if (line.size() > 2 && line.starts_with("| ") && isdigit(line[2]) &&
            !names_in(line).empty())
            covered.insert(std::stoi(line.substr(2)));
    for (int n = 1; n <= kFacts; n++)
        EXPECT_TRUE(covered.contains(n)) << "fact " << n;
    EXPECT_EQ(covered.size(), static_cast<size_t>(kFacts));
}

TEST_F(ConformanceTable, LeavesOutNoBareMetalTest)
{
    std::set<std::string> named;
    for (const auto &line : lines_)
        named.merge(names_in(line));
    for (const auto &name : bare_)
        EXPECT_TRUE(named.contains(name)) << name;
}

}  // namespace
