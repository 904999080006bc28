// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/runner.h"

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/bare_run.h"
#include "harness/console.h"
#include "harness/files.h"
#include "harness/judge.h"
#include "harness/process.h"

namespace harness {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr size_t kTail = 40;
constexpr char kOutputLog[] = "output.log";

fs::path log_dir(const Layout &layout, const Job &job)
{
    return layout.build() / "logs/tests" / job.name;
}

TestCase could_not_run(const Error &error)
{
    return {"start", Verdict::error, error.text()};
}

Result<std::optional<int>> run_program(const Layout &layout, const Job &job, const fs::path &log)
{
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (out < 0)
        return fail_errno("write", log);
    ProcessConfig config;
    config.argv = {layout.root() / job.program, "--gtest_color=no"};
    config.argv.insert(config.argv.end(), job.args.begin(), job.args.end());
    config.out = config.err = out;
    auto process = Process::start(config);
    close(out);
    if (!process) {
        auto error = process.error();
        error.hint = job.make;
        return tl::make_unexpected(error);
    }
    const auto end = Clock::now() + job.timeout;
    std::optional<int> status;
    while (!status && !interrupted() && Clock::now() < end)
        status = process->wait(std::chrono::milliseconds(200));
    return status;
}

void run_on_host(const Layout &layout, const Job &job, JobResult &result)
{
    const fs::path log = log_dir(layout, job) / kOutputLog;
    auto status = run_program(layout, job, log);
    if (!status)
        result.cases = {could_not_run(status.error())};
    else
        result.cases = judge_host(job, read_file(log).value_or(""), *status);
}

// For vCPUs that are added later.
Result<void> make_room(QemuConfig &qemu, unsigned max_vcpus)
{
    qemu.max_vcpus = max_vcpus;
    return max_vcpus ? set_vcpus(qemu.machine, qemu.machine.vcpus, max_vcpus) : Result<void>{};
}

Result<GuestConfig> guest_config(const Layout &layout, const Job &job)
{
    auto qemu = layout.qemu(job.variant, job.machine, {job.memory, job.vcpus});
    if (!qemu)
        return tl::make_unexpected(qemu.error());
    if (auto ok = make_room(*qemu, job.max_vcpus); !ok)
        return tl::make_unexpected(ok.error());
    GuestConfig c;
    c.qemu = *qemu;
    c.qemu.mode = job.mode;
    c.qemu.cpu_options = job.cpu_options;
    c.qemu.append = job.append;
    c.qemu.host_services = job.host_services;
    if (job.reboots)
        c.qemu.append += std::string(c.qemu.append.empty() ? "" : " ") + guest::kReboot;
    c.reboots = job.reboots;
    c.boot_timeout = job.boot_timeout;
    c.run_timeout = job.timeout;
    c.log_dir = log_dir(layout, job);
    c.job.cwd = layout.root();
    c.job.env = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    if (job.kind == JobKind::kunit) {
        c.job.argv = {"true"};
        return c;
    }
    const fs::path program = layout.root() / job.program;
    if (access(program.c_str(), X_OK) != 0)
        return fail_errno("run", program, job.make);
    c.job.argv = {program, "--gtest_color=no"};
    c.job.argv.insert(c.job.argv.end(), job.args.begin(), job.args.end());
    return c;
}

void run_in_guest(const Layout &layout, const Job &job, JobResult &result)
{
    auto config = guest_config(layout, job);
    if (!config) {
        result.cases = {could_not_run(config.error())};
        return;
    }
    std::ofstream output(log_dir(layout, job) / kOutputLog, std::ios::binary | std::ios::trunc);
    config->on_stdout =
        config->on_stderr = [&output](std::string_view data) { output << data << std::flush; };
    const auto guest = run_guest(*config);
    if (!guest) {
        result.cases = {could_not_run(guest.error())};
        return;
    }
    result.cases = job.kind == JobKind::kunit ? judge_kunit(job, *guest) : judge_guest(job, *guest);
    result.console = last_lines(guest->console, kTail);
}

Result<BareConfig> bare_config(const Layout &layout, const Job &job)
{
    auto qemu = layout.bare(job.program, job.machine, {job.memory, job.vcpus}, job.make);
    if (!qemu)
        return tl::make_unexpected(qemu.error());
    if (auto ok = make_room(*qemu, job.max_vcpus); !ok)
        return tl::make_unexpected(ok.error());
    qemu->mode = job.mode;
    qemu->cpu_options = job.cpu_options;
    qemu->append = job.append;
    return BareConfig{*qemu, job.timeout, log_dir(layout, job)};
}

void run_bare_metal(const Layout &layout, const Job &job, JobResult &result)
{
    auto config = bare_config(layout, job);
    auto guest = config ? run_bare(*config) : tl::make_unexpected(config.error());
    if (!guest) {
        result.cases = {could_not_run(guest.error())};
        return;
    }
    result.cases = judge_bare(job, *guest);
    result.console = last_lines(guest->console, kTail);
}

// Two runs at once would write into each other's logs.
class Lock {
public:
    explicit Lock(const fs::path &path)
        : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644))
    {
    }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;
    ~Lock() { close(fd_); }

    bool taken() const { return flock(fd_, LOCK_EX | LOCK_NB) == 0; }

private:
    int fd_;
};

}  // namespace

JobResult run_job(const Layout &layout, const Job &job)
{
    JobResult result;
    result.name = job.name;
    result.log_dir = log_dir(layout, job);
    result.rerun = fmt::format("build/selftests/bin/run-tests{}{} --filter {}",
                               job.takes_long ? " --long" : "", job.rerun_options, job.name);
    const auto start = Clock::now();
    if (auto ok = make_dirs(result.log_dir); !ok)
        result.cases = {could_not_run(ok.error())};
    else if (job.kind == JobKind::host)
        run_on_host(layout, job, result);
    else if (job.kind == JobKind::bare)
        run_bare_metal(layout, job, result);
    else
        run_in_guest(layout, job, result);
    result.time = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    return result;
}

Result<std::vector<JobResult>> run_jobs(const Layout &layout, const std::vector<Job> &jobs,
                                        unsigned at_once, const Progress &progress)
{
    const fs::path logs = layout.build() / "logs/tests";
    if (auto ok = make_dirs(logs); !ok)
        return tl::make_unexpected(ok.error());
    const Lock lock(logs / "lock");
    if (!lock.taken())
        return fail("write to", logs, "another run-tests is at work here", "wait for its end");

    std::vector<JobResult> results(jobs.size());
    std::atomic<size_t> next = 0;
    std::mutex speaking;
    const auto work = [&] {
        for (size_t i; (i = next++) < jobs.size();) {
            if (interrupted()) {
                results[i] = {
                    jobs[i].name, {{"start", Verdict::error, "interrupted"}}, {}, {}, {}, {}};
                continue;
            }
            {
                std::lock_guard lock(speaking);
                progress.started(jobs[i]);
            }
            results[i] = run_job(layout, jobs[i]);
            std::lock_guard lock(speaking);
            progress.ended(results[i]);
        }
    };
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < at_once; i++)
        workers.emplace_back(work);
    workers.clear();
    return results;
}

}  // namespace harness
