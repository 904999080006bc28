// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/judge.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "harness/console.h"
#include "harness/gtest_log.h"

namespace harness {

namespace {

bool is_good(const TestCase &c)
{
    return c.verdict == Verdict::passed || c.verdict == Verdict::skipped;
}

bool all_good(const std::vector<TestCase> &cases)
{
    return std::all_of(cases.begin(), cases.end(), is_good);
}

// A skip is a result only where the manifest expects it.
void refuse_unexpected_skips(const Job &job, std::vector<TestCase> &cases)
{
    for (auto &c : cases) {
        const bool allowed = std::find(job.allowed_skips.begin(), job.allowed_skips.end(),
                                       c.name) != job.allowed_skips.end();
        if (c.verdict == Verdict::skipped && !allowed) {
            c.verdict = Verdict::failed;
            c.detail = "skipped unexpectedly: " + c.detail;
        }
    }
}

// Results that never came because time ran out say so.
void mark_timeouts(const GuestResult &guest, std::vector<TestCase> &cases)
{
    if (guest.outcome != Outcome::run_timeout)
        return;
    for (auto &c : cases)
        if (c.verdict == Verdict::error)
            c.verdict = Verdict::timeout;
}

std::string joined(const std::vector<std::string> &lines)
{
    std::string out;
    for (const auto &line : lines)
        out += line + "\n";
    return out;
}

TestCase judge_machine(const GuestResult &guest, bool tests_good)
{
    const bool timeout =
        guest.outcome == Outcome::run_timeout || guest.outcome == Outcome::boot_timeout;
    if (guest.outcome != Outcome::exited)
        return {"guest", timeout ? Verdict::timeout : Verdict::error, guest.reason};
    if (!guest.complaints.empty())
        return {"guest", Verdict::failed, "the kernel complained:\n" + joined(guest.complaints)};
    if (tests_good && guest.status != 0)
        return {
            "guest", Verdict::error,
            fmt::format("every test passed, but the program ended with status {}", guest.status)};
    return {"guest", Verdict::passed, ""};
}

TestCase compare(const Comparison &c, const GuestResult &guest)
{
    const std::string name = "hardware." + c.measured;
    const auto ours = measured(guest.results, c.measured);
    if (!ours)
        return {name, Verdict::error, "the test measured no " + c.measured};
    if (!guest.pmu)
        return {name, Verdict::error, "QEMU's monitor knows no 'info pmu'"};
    const auto theirs = pmu_total(*guest.pmu, c.pmu);
    if (!theirs)
        return {name, Verdict::error, "'info pmu' says nothing of " + c.pmu};
    if (*ours != *theirs)
        return {name, Verdict::failed,
                fmt::format("the guest counted {} {}, the emulated PMU {} {}", *ours, c.measured,
                            *theirs, c.pmu)};
    return {name, Verdict::passed, ""};
}

std::optional<uint64_t> number_at(std::string_view text)
{
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace

std::vector<TestCase> judge_guest(const Job &job, const GuestResult &guest)
{
    auto cases = parse_ktap(guest.results);
    refuse_unexpected_skips(job, cases);
    mark_timeouts(guest, cases);
    cases.push_back(judge_machine(guest, all_good(cases)));
    for (const auto &c : job.comparisons)
        cases.push_back(compare(c, guest));
    return cases;
}

std::vector<TestCase> judge_kunit(const Job &job, const GuestResult &guest)
{
    auto cases = parse_ktap(guest.console);
    refuse_unexpected_skips(job, cases);
    mark_timeouts(guest, cases);
    const bool ours = std::any_of(cases.begin(), cases.end(), [&job](const TestCase &c) {
        return c.name.starts_with(job.suites) && is_good(c);
    });
    if (!ours)
        cases.push_back({"suites", Verdict::error,
                         "no test of a suite " + job.suites + "* ran (is it in the kernel?)"});
    cases.push_back(judge_machine(guest, all_good(cases)));
    return cases;
}

std::vector<TestCase> judge_bare(const Job &job, const GuestResult &guest)
{
    auto cases = parse_ktap(guest.results);
    refuse_unexpected_skips(job, cases);
    mark_timeouts(guest, cases);
    cases.push_back(judge_machine(guest, all_good(cases)));
    return cases;
}

std::vector<TestCase> judge_host(const Job &job, std::string_view log, std::optional<int> status)
{
    auto cases = parse_gtest_log(log);
    refuse_unexpected_skips(job, cases);
    if (!status)
        cases.push_back({"program", Verdict::timeout,
                         fmt::format("still running after {} s", job.timeout.count())});
    else if (*status != 0 && all_good(cases))
        cases.push_back({"program", Verdict::error,
                         fmt::format("every test passed, but the program ended with status {}\n{}",
                                     *status, joined(last_lines(log, 20)))});
    return cases;
}

std::optional<uint64_t> pmu_total(std::string_view info, std::string_view name)
{
    std::optional<uint64_t> total;
    const std::string key = std::string(name) + ": ";
    for (const auto &line : console_lines(info)) {
        const auto text =
            std::string_view(line).substr(std::min(line.find_first_not_of(' '), line.size()));
        if (!text.starts_with(key))
            continue;
        if (const auto value = number_at(text.substr(key.size())))
            total = total.value_or(0) + *value;
    }
    return total;
}

std::optional<uint64_t> measured(std::string_view results, std::string_view name)
{
    const std::string key = fmt::format("# measured {} ", name);
    const auto at = results.rfind(key);
    if (at == std::string_view::npos)
        return std::nullopt;
    return number_at(results.substr(at + key.size()));
}

}  // namespace harness
