// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/ktap_listener.h"

#include <unistd.h>

#include <fmt/format.h>

namespace guest {

namespace {

int results_fd = -1;

std::string full_name(const testing::TestInfo &test)
{
    return fmt::format("{}.{}", test.test_suite_name(), test.name());
}

std::string skip_reason(const testing::TestResult &result)
{
    for (int i = 0; i < result.total_part_count(); i++)
        if (result.GetTestPartResult(i).skipped()) {
            const std::string text = result.GetTestPartResult(i).message();
            return text.substr(0, text.find('\n'));
        }
    return "";
}

}  // namespace

void KtapListener::OnTestProgramStart(const testing::UnitTest &unit_test)
{
    results_fd = fd_;
    line("KTAP version 1");
    line(fmt::format("1..{}", unit_test.test_to_run_count()));
}

void KtapListener::OnTestStart(const testing::TestInfo &test)
{
    comment("run " + full_name(test));
}

void KtapListener::OnTestPartResult(const testing::TestPartResult &part)
{
    if (!part.failed())
        return;
    comment(fmt::format("{}:{}:", part.file_name() ? part.file_name() : "?", part.line_number()));
    comment(part.message());
}

void KtapListener::OnTestEnd(const testing::TestInfo &test)
{
    const auto &result = *test.result();
    const auto name = full_name(test);
    number_++;
    if (result.Skipped())
        line(fmt::format("ok {} {} # SKIP {}", number_, name, skip_reason(result)));
    else
        line(fmt::format("{} {} {}", result.Passed() ? "ok" : "not ok", number_, name));
}

// One write each: a line arrives whole or not at all.
void KtapListener::line(std::string_view text)
{
    const std::string whole = fmt::format("{}\n", text);
    if (write(fd_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size()))
        perror("results port");
}

void KtapListener::comment(std::string_view text)
{
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        line(fmt::format("# {}", text.substr(0, end)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void measured(const std::string &name, uint64_t value)
{
    const auto text = fmt::format("# measured {} {}\n", name, value);
    fmt::print("{}", text);
    if (results_fd >= 0 && write(results_fd, text.data(), text.size()) < 0)
        perror("results port");
}

}  // namespace guest
