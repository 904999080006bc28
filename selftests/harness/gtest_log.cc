// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/gtest_log.h"

#include <charconv>

#include <fmt/format.h>

#include "harness/console.h"

namespace harness {

namespace {

constexpr std::string_view kRun = "[ RUN      ] ";
constexpr std::string_view kOk = "[       OK ] ";
constexpr std::string_view kFailed = "[  FAILED  ] ";
constexpr std::string_view kSkipped = "[  SKIPPED ] ";
constexpr std::string_view kPlan = "[==========] Running ";
constexpr std::string_view kEnd = "[==========] ";

// "Suite.Test (3 ms)", "Suite.Test, where GetParam() = 4 (0 ms)"
std::string test_name(std::string_view text)
{
    return std::string(text.substr(0, text.find_first_of(" ,")));
}

size_t planned_tests(std::string_view text)
{
    size_t n = 0;
    std::from_chars(text.data(), text.data() + text.size(), n);
    return n;
}

class Parser {
public:
    void line(const std::string &text)
    {
        const std::string_view view = text;
        if (view.starts_with(kPlan))
            planned_ = planned_tests(view.substr(kPlan.size()));
        else if (view.starts_with(kEnd))
            ended_ = true;
        else if (view.starts_with(kRun))
            start(test_name(view.substr(kRun.size())));
        else if (view.starts_with(kOk))
            result(test_name(view.substr(kOk.size())), Verdict::passed);
        else if (view.starts_with(kFailed))
            result(test_name(view.substr(kFailed.size())), Verdict::failed);
        else if (view.starts_with(kSkipped))
            result(test_name(view.substr(kSkipped.size())), Verdict::skipped);
        else if (!running_.empty() && notes_.size() < kMostNotes)
            notes_ += text + "\n";
    }

    std::vector<TestCase> end()
    {
        if (!running_.empty())
            result(std::string(running_), Verdict::error);
        if (planned_ == 0)
            cases_.push_back({"results", Verdict::error, "the program ran no test"});
        for (size_t n = cases_.size(); n < planned_; n++)
            cases_.push_back({fmt::format("result {} of {}", n + 1, planned_), Verdict::error,
                              "the result never came"});
        if (planned_ > 0 && !ended_)
            cases_.push_back({"end", Verdict::error, "the program did not get to its end"});
        return std::move(cases_);
    }

private:
    static constexpr size_t kMostNotes = 8000;

    void start(std::string name)
    {
        if (!running_.empty())
            result(std::string(running_), Verdict::error);
        running_ = std::move(name);
        notes_.clear();
    }

    // The closing summary repeats names: only the test that runs can get a result.
    void result(const std::string &name, Verdict verdict)
    {
        if (name != running_)
            return;
        cases_.push_back({name, verdict, verdict == Verdict::passed ? "" : notes_});
        running_.clear();
    }

    size_t planned_ = 0;
    bool ended_ = false;
    std::string running_;
    std::string notes_;
    std::vector<TestCase> cases_;
};

}  // namespace

std::vector<TestCase> parse_gtest_log(std::string_view log)
{
    Parser parser;
    for (const auto &line : console_lines(log))
        parser.line(line);
    return parser.end();
}

}  // namespace harness
