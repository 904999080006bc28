// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/ktap.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "harness/console.h"

namespace harness {

namespace {

struct ResultLine {
    bool ok = false;
    unsigned number = 0;
    std::string name;
    bool skipped = false;
    std::string directive;  // what follows '#', e.g. "SKIP no PMU"
};

std::optional<unsigned> take_number(std::string_view &text)
{
    unsigned n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc())
        return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    return n;
}

bool take_prefix(std::string_view &text, std::string_view prefix)
{
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// "ok 3 name", "not ok 3 - name # SKIP why"
std::optional<ResultLine> parse_result(std::string_view text)
{
    ResultLine r;
    r.ok = !take_prefix(text, "not ");
    if (!take_prefix(text, "ok "))
        return std::nullopt;
    const auto number = take_number(text);
    if (!number)
        return std::nullopt;
    r.number = *number;
    take_prefix(text, " ");
    take_prefix(text, "- ");
    const auto hash = text.find(" # ");
    r.name = text.substr(0, hash);
    if (hash != std::string_view::npos)
        r.directive = text.substr(hash + 3);
    r.skipped = r.directive.starts_with("SKIP");
    return r;
}

std::optional<unsigned> parse_plan(std::string_view text)
{
    if (!take_prefix(text, "1.."))
        return std::nullopt;
    const auto number = take_number(text);
    return text.empty() || text.starts_with(" #") ? number : std::nullopt;
}

// One document or subtest. Its results are numbered from 1.
struct Level {
    size_t indent = 0;
    std::string name;
    std::optional<unsigned> planned;
    unsigned seen = 0;
    std::string running;  // announced by "# run NAME", result still to come
    std::string notes;
    std::vector<TestCase> cases;
    std::vector<TestCase> children;  // of subtests whose own result is still to come
};

std::string joined(const std::string &a, const std::string &b)
{
    return a.empty() ? b : a + "." + b;
}

// What is wrong with a level that has ended, as cases.
void finish(Level &level)
{
    const auto add = [&level](const std::string &name, const std::string &why) {
        level.cases.push_back({name, Verdict::error, why + "\n" + level.notes});
    };
    for (auto &c : level.children)
        level.cases.push_back(std::move(c));
    if (!level.planned)
        return add("plan", "no plan");
    if (*level.planned == 0)
        return add("plan", "the plan is empty: nothing ran");
    for (unsigned n = level.seen + 1; n <= *level.planned; n++) {
        const bool named = n == level.seen + 1 && !level.running.empty();
        add(named ? level.running : fmt::format("result {} of {}", n, *level.planned),
            "the result never came");
    }
}

class Parser {
public:
    void line(std::string_view raw)
    {
        const auto indent = std::min(raw.find_first_not_of(' '), raw.size());
        const auto text = raw.substr(indent);
        if (text.starts_with("KTAP version ") || text.starts_with("TAP version "))
            return open(indent);
        if (levels_.empty())
            return;
        if (const auto result = parse_result(text))
            return record(indent, *result);
        Level &top = levels_.back();
        if (const auto plan = parse_plan(text); plan && indent == top.indent)
            top.planned = plan;
        else if (text.starts_with("# Subtest: "))
            top.name = text.substr(11);
        else if (text.starts_with("# run "))
            top.running = text.substr(6);
        else if (indent >= top.indent && !text.empty())
            note(top, text);
    }

    std::vector<TestCase> end()
    {
        while (!levels_.empty())
            close();
        return std::move(cases_);
    }

private:
    static constexpr size_t kMostNotes = 4000;

    static void note(Level &level, std::string_view text)
    {
        if (text.starts_with("# "))
            text.remove_prefix(2);
        if (level.notes.size() < kMostNotes)
            level.notes.append(text).append("\n");
    }

    void open(size_t indent)
    {
        while (!levels_.empty() && levels_.back().indent >= indent)
            close();
        levels_.emplace_back().indent = indent;
    }

    // Ends the innermost level; its cases go to the one around it.
    void close()
    {
        Level level = std::move(levels_.back());
        levels_.pop_back();
        finish(level);
        auto &to = levels_.empty() ? cases_ : levels_.back().children;
        for (auto &c : level.cases) {
            c.name = joined(level.name, c.name);
            to.push_back(std::move(c));
        }
    }

    void record(size_t indent, const ResultLine &r)
    {
        while (levels_.size() > 1 && levels_.back().indent > indent)
            close();
        Level &level = levels_.back();
        if (level.indent != indent)
            return;
        if (r.number != level.seen + 1)
            level.cases.push_back(
                {r.name, Verdict::error,
                 fmt::format("result {} came where {} was due", r.number, level.seen + 1)});
        level.seen = r.number;
        if (level.planned && r.number > *level.planned)
            level.cases.push_back({r.name, Verdict::error, "more results than planned"});
        if (level.children.empty())
            level.cases.push_back(leaf(r, level));
        else
            adopt(level, r);
        level.notes.clear();
        level.running.clear();
    }

    static TestCase leaf(const ResultLine &r, const Level &level)
    {
        if (r.skipped)
            return {r.name, Verdict::skipped, r.directive};
        if (r.ok)
            return {r.name, Verdict::passed, ""};
        const bool timeout = r.directive.starts_with("TIMEOUT");
        return {r.name, timeout ? Verdict::timeout : Verdict::failed, level.notes};
    }

    // A subtest counts as its cases; its own verdict must not contradict them.
    void adopt(Level &level, const ResultLine &r)
    {
        bool all_ok = true;
        for (auto &c : level.children) {
            all_ok &= c.verdict == Verdict::passed || c.verdict == Verdict::skipped;
            level.cases.push_back(std::move(c));
        }
        level.children.clear();
        if (all_ok && !r.ok)
            level.cases.push_back(
                {r.name, Verdict::failed, "the suite failed, none of its tests did"});
    }

    std::vector<Level> levels_;
    std::vector<TestCase> cases_;
};

}  // namespace

const char *verdict_name(Verdict verdict)
{
    switch (verdict) {
        case Verdict::passed:
            return "ok";
        case Verdict::failed:
            return "FAILED";
        case Verdict::skipped:
            return "SKIPPED";
        case Verdict::error:
            return "ERROR";
        case Verdict::timeout:
            return "TIMEOUT";
    }
    return "?";
}

std::vector<TestCase> parse_ktap(std::string_view text)
{
    // A line that was cut off says nothing, however much it looks like a result.
    const auto whole = text.rfind('\n');
    text = whole == std::string_view::npos ? std::string_view() : text.substr(0, whole + 1);

    Parser parser;
    for (const auto &line : console_lines(text))
        parser.line(without_timestamp(line));
    auto cases = parser.end();
    if (cases.empty())
        cases.push_back({"results", Verdict::error, "no test results at all"});
    return cases;
}

}  // namespace harness
