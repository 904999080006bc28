// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace harness {

namespace {

using Json = nlohmann::json;

void add(Totals &totals, const std::vector<TestCase> &cases)
{
    for (const auto &c : cases) {
        if (c.verdict == Verdict::passed)
            totals.passed++;
        else if (c.verdict == Verdict::skipped)
            totals.skipped++;
        else
            totals.failed++;
    }
}

std::string indented(const std::string &text)
{
    std::string out;
    bool at_start = true;
    for (char c : text) {
        if (at_start && c != '\n')
            out += "        ";
        out += c;
        at_start = c == '\n';
    }
    if (!at_start)
        out += '\n';
    return out;
}

std::string first_lines(const std::string &text, size_t lines)
{
    size_t end = 0;
    while (lines-- > 0 && end < text.size()) {
        end = text.find('\n', end);
        if (end == std::string::npos)
            return text;
        end++;
    }
    return text.substr(0, end);
}

std::string xml_escaped(const std::string &text)
{
    std::string out;
    for (char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML 1.0 has no way to write most control characters.
                out += (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') ? '?' : c;
        }
    }
    return out;
}

std::string junit_case(const std::string &job, const TestCase &c)
{
    const auto head = fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_escaped(job),
                                  xml_escaped(c.name));
    const char *element = c.verdict == Verdict::failed ? "failure" : "error";
    switch (c.verdict) {
        case Verdict::passed:
            return head + "/>\n";
        case Verdict::skipped:
            return fmt::format("{}><skipped message=\"{}\"/></testcase>\n", head,
                               xml_escaped(c.detail));
        default:
            return fmt::format("{}><{} type=\"{}\">{}</{}></testcase>\n", head, element,
                               verdict_name(c.verdict), xml_escaped(c.detail), element);
    }
}

}  // namespace

Totals count(const std::vector<TestCase> &cases)
{
    Totals totals;
    add(totals, cases);
    return totals;
}

Totals count(const std::vector<JobResult> &jobs)
{
    Totals totals;
    for (const auto &job : jobs)
        add(totals, job.cases);
    return totals;
}

std::string summary_line(const Totals &t)
{
    return fmt::format("{} passed, {} failed, {} skipped", t.passed, t.failed, t.skipped);
}

// What a person needs after a failure; nothing for a job that passed.
std::string text_report(const JobResult &job)
{
    std::string out;
    for (const auto &c : job.cases)
        if (c.verdict != Verdict::passed)
            out += fmt::format("    {} {}.{}\n{}", verdict_name(c.verdict), job.name, c.name,
                               indented(c.detail));
    if (count(job.cases).failed == 0)
        return out;
    if (!job.console.empty()) {
        out += fmt::format("    the last {} lines of the console:\n", job.console.size());
        for (const auto &line : job.console)
            out += "        " + line + "\n";
    }
    out += fmt::format("    logs:  {}\n", job.log_dir);
    out += fmt::format("    again: {}\n", job.rerun);
    return out;
}

// What failed, on few lines: the end of a log is what is read first, and often all that was kept.
std::string failures_again(const std::vector<JobResult> &jobs)
{
    std::string out;
    for (const auto &job : jobs) {
        for (const auto &c : job.cases)
            if (c.verdict != Verdict::passed && c.verdict != Verdict::skipped)
                out += fmt::format("{} {}.{}\n{}", verdict_name(c.verdict), job.name, c.name,
                                   indented(first_lines(c.detail, 12)));
        if (count(job.cases).failed > 0)
            out += fmt::format("    again: {}\n", job.rerun);
    }
    return out;
}

std::string json_report(const std::vector<JobResult> &jobs)
{
    const Totals t = count(jobs);
    Json j = {{"schema", "sluice.tests/1"},
              {"passed", t.passed},
              {"failed", t.failed},
              {"skipped", t.skipped},
              {"jobs", Json::array()}};
    for (const auto &job : jobs) {
        Json cases = Json::array();
        for (const auto &c : job.cases)
            cases.push_back(
                {{"name", c.name}, {"verdict", verdict_name(c.verdict)}, {"detail", c.detail}});
        j["jobs"].push_back({{"name", job.name},
                             {"time_ms", job.time.count()},
                             {"log_dir", job.log_dir},
                             {"cases", cases}});
    }
    // Output of a broken guest need not be UTF-8.
    return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string junit_report(const std::vector<JobResult> &jobs)
{
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
    for (const auto &job : jobs) {
        const Totals t = count(job.cases);
        out += fmt::format(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\" "
            "time=\"{:.3f}\">\n",
            xml_escaped(job.name), job.cases.size(), t.failed, t.skipped,
            static_cast<double>(job.time.count()) / 1000);
        for (const auto &c : job.cases)
            out += junit_case(job.name, c);
        out += "  </testsuite>\n";
    }
    return out + "</testsuites>\n";
}

}  // namespace harness
