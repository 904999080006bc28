// SPDX-License-Identifier: GPL-2.0-or-later
// run-tests: runs every job of the manifest and says how it went.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <fnmatch.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "guest/job.h"
#include "harness/files.h"
#include "harness/process.h"
#include "harness/runner.h"

namespace {

namespace fs = std::filesystem;
using harness::Job;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

constexpr char kFooter[] =
    "Exit status: 0 all passed, 1 something failed, 2 usage, 130 interrupted.\n\n"
    "Examples:\n"
    "  build/selftests/bin/run-tests\n"
    "  build/selftests/bin/run-tests --list\n"
    "  build/selftests/bin/run-tests --filter 'refuse*' --filter unit\n"
    "  build/selftests/bin/run-tests --variant kasan\n"
    "  build/selftests/bin/run-tests --long";

// A kernel that checks every step of its own takes its time.
constexpr int kCheckingIsSlower = 5;

struct Options {
    std::string root;
    std::string manifest;
    std::string variant;
    std::vector<std::string> filters;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    bool takes_long = false;
    bool list = false;
};

void declare(CLI::App &app, Options &o)
{
    app.footer(kFooter);
    app.add_option("--filter", o.filters, "jobs whose name matches this pattern (may repeat)");
    app.add_option("--variant", o.variant,
                   "all guests with this kernel; no jobs of the host, longer timeouts");
    app.add_option("--jobs", o.jobs, "jobs at a time (default: as many as there are cores)")
        ->capture_default_str();
    app.add_flag("--long", o.takes_long, "only the jobs that take long; they run if asked for");
    app.add_flag("--list", o.list, "list the jobs and stop");
    app.add_option("--root", o.root, "repository (default: the one this was built in)");
    app.add_option("--manifest", o.manifest, "default: selftests/manifest.json");
}

bool wanted(const Job &job, const Options &o)
{
    if (job.takes_long != o.takes_long)
        return false;
    if (o.filters.empty())
        return true;
    for (const auto &pattern : o.filters)
        if (fnmatch(pattern.c_str(), job.name.c_str(), 0) == 0)
            return true;
    return false;
}

// Every guest that runs our kernel with this one, which is asked for leaks at the end.
void use_variant(const std::string &variant, std::vector<Job> &jobs)
{
    std::erase_if(jobs, [](const Job &job) {
        const bool has_kernel =
            job.kind == harness::JobKind::guest || job.kind == harness::JobKind::kunit;
        return !has_kernel || job.variant == "stock";
    });
    for (auto &job : jobs) {
        if (variant == job.variant)
            job.own_kernel_only.clear();  // all of them run
        else if (!job.own_kernel_only.empty())
            job.args.push_back(
                fmt::format("--gtest_filter=-{}", fmt::join(job.own_kernel_only, ":")));
        job.variant = variant;
        job.timeout *= kCheckingIsSlower;
        job.boot_timeout *= kCheckingIsSlower;
        job.append += (job.append.empty() ? "" : " ") + std::string(guest::kLookForLeaks);
        job.rerun_options += " --variant " + variant;
    }
}

const char *kind_name(harness::JobKind kind)
{
    switch (kind) {
        case harness::JobKind::host:
            return "host";
        case harness::JobKind::guest:
            return "guest";
        case harness::JobKind::kunit:
            return "kunit";
        case harness::JobKind::bare:
            return "bare";
    }
    return "?";
}

std::string place(const Job &job)
{
    switch (job.kind) {
        case harness::JobKind::host:
            return job.program;
        case harness::JobKind::bare:
            return fmt::format("machine {}, {}", job.machine, job.program);
        default:
            return fmt::format("machine {}, kernel {}", job.machine, job.variant);
    }
}

void list(const std::vector<Job> &jobs)
{
    for (const auto &job : jobs) {
        fmt::print("{:<18} {:<6} {:>4} s  {}\n", job.name, kind_name(job.kind), job.timeout.count(),
                   place(job));
    }
}

// What another kernel than its own does not run.
std::string left_out(const Job &job)
{
    if (job.rerun_options.empty() || job.own_kernel_only.empty())
        return "";
    return fmt::format(", without {}", fmt::join(job.own_kernel_only, ", "));
}

class Speaker {
public:
    explicit Speaker(size_t jobs) : jobs_(jobs) {}

    harness::Progress progress()
    {
        harness::Progress p;
        p.started = [this](const Job &job) { say("start  " + job.name + left_out(job)); };
        p.ended = [this](const harness::JobResult &r) { ended(r); };
        return p;
    }

private:
    void say(const std::string &text)
    {
        const auto s = std::chrono::duration_cast<std::chrono::seconds>(
                           std::chrono::steady_clock::now() - start_)
                           .count();
        fmt::print("[{:>2}:{:02}] {}\n", s / 60, s % 60, text);
        std::fflush(stdout);
    }

    void ended(const harness::JobResult &r)
    {
        const auto totals = harness::count(r.cases);
        say(fmt::format("{:<6} {} ({}; {:.1f} s; {} of {})", totals.failed ? "FAILED" : "ok",
                        r.name, harness::summary_line(totals),
                        static_cast<double>(r.time.count()) / 1000, ++ended_, jobs_));
        fmt::print("{}", harness::text_report(r));
        std::fflush(stdout);
    }

    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    size_t jobs_;
    size_t ended_ = 0;
};

int run(const Options &o)
{
    const auto layout =
        o.root.empty() ? harness::Layout::of_this_program() : harness::Layout(fs::absolute(o.root));
    const fs::path manifest =
        o.manifest.empty() ? layout.root() / "selftests/manifest.json" : fs::path(o.manifest);
    const auto text = harness::read_file(manifest);
    auto jobs = text ? harness::parse_manifest(manifest, *text)
                     : harness::Result<std::vector<Job>>(tl::make_unexpected(text.error()));
    if (!jobs) {
        fmt::print(stderr, "run-tests: {}\n", jobs.error().text());
        return kUsage;
    }
    if (!o.variant.empty())
        use_variant(o.variant, *jobs);
    std::erase_if(*jobs, [&o](const Job &job) { return !wanted(job, o); });
    if (jobs->empty()) {
        fmt::print(stderr, "run-tests: no job matches the filter (see --list)\n");
        return kUsage;
    }
    if (o.list) {
        list(*jobs);
        return 0;
    }
    harness::watch_for_interrupts();
    Speaker speaker(jobs->size());
    const auto run = harness::run_jobs(layout, *jobs, o.jobs, speaker.progress());
    if (!run) {
        fmt::print(stderr, "run-tests: {}\n", run.error().text());
        return kFailed;
    }
    const auto &results = *run;
    const auto totals = harness::count(results);
    for (const auto &[file, content] :
         {std::pair("test-results.xml", harness::junit_report(results)),
          std::pair("test-results.json", harness::json_report(results))})
        if (auto ok = harness::write_file(layout.build() / file, content); !ok)
            fmt::print(stderr, "run-tests: {}\n", ok.error().text());
    fmt::print("{}{}\n", harness::failures_again(results), harness::summary_line(totals));
    if (harness::interrupted())
        return kInterrupted;
    return totals.good() ? 0 : kFailed;
}

}  // namespace

int main(int argc, char **argv)
{
    Options options;
    CLI::App app("Runs Sluice's tests: on the host, in guests, and the kernel's own.", "run-tests");
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : kUsage;
    }
    return run(options);
}
