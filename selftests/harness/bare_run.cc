// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/bare_run.h"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/console.h"
#include "harness/files.h"
#include "harness/process.h"
#include "harness/qmp.h"
#include "harness/requests.h"

namespace harness {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// The debug exit ends QEMU with 2 * n + 1; n is 0x10 or 0x11 (selftests/pmu/rt/print.h).
constexpr int kAllPassed = 33;
constexpr int kSomeFailed = 35;

class BareRun {
public:
    BareRun(BareConfig &config, TempDir run_dir) : config_(config), run_dir_(std::move(run_dir)) {}

    Result<GuestResult> operator()()
    {
        auto &q = config_.qemu;
        q.run_dir = run_dir_.path();
        q.console_log = config_.log_dir / kConsoleLog;
        q.results = config_.log_dir / kResultsLog;
        std::error_code ignored;
        for (const char *old : {kConsoleLog, kResultsLog, kQemuLog, kPmuLog})
            fs::remove(config_.log_dir / old, ignored);
        if (auto ok = start(); !ok)
            return tl::make_unexpected(ok.error());
        requests_.emplace(q.console_log);
        const auto began = Clock::now();
        follow(began);
        result_.run_time =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began);
        collect();
        return std::move(result_);
    }

private:
    Result<void> start()
    {
        const fs::path path = config_.log_dir / kQemuLog;
        const int log = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (log < 0)
            return fail_errno("write", path);
        const auto args = build_bare_args(config_.qemu);
        auto written = write_file(config_.log_dir / kCommandLog, shell_line(args) + "\n");
        if (written) {
            auto process = Process::start({args, {}, log, log});
            if (process)
                qemu_.emplace(std::move(*process));
            else
                written = tl::make_unexpected(process.error());
        }
        close(log);
        return written;
    }

    void follow(Clock::time_point began)
    {
        while (!(status_ = qemu_->wait(std::chrono::milliseconds(100)))) {
            if (interrupted())
                return stop(Outcome::interrupted, "interrupted");
            if (Clock::now() - began > config_.timeout)
                return stop(Outcome::run_timeout,
                            fmt::format("still running after {} s", config_.timeout.count()));
            if (auto ok = serve(); !ok)
                return stop(Outcome::broke, ok.error().text());
        }
    }

    void stop(Outcome outcome, std::string reason)
    {
        result_.outcome = outcome;
        result_.reason = std::move(reason);
        qemu_->kill();
        qemu_->wait(std::chrono::seconds(10));
    }

    // Does what was asked for on the console since the last look.
    Result<void> serve()
    {
        while (const auto what = requests_->next()) {
            auto ok = *what == "move" ? move()
                      : *what == "plug"
                          ? plug()
                          : fail("serve", "the guest's console", "asked for " + *what);
            if (!ok)
                return ok;
        }
        return {};
    }

    Result<Qmp> connect() const
    {
        return Qmp::connect(qmp_socket(run_dir_.path()), std::chrono::seconds(20));
    }

    Result<void> move()
    {
        auto qmp = connect();
        if (!qmp)
            return tl::make_unexpected(qmp.error());
        const fs::path state = run_dir_.path() / fmt::format("state-{}", ++config_.qemu.moves);
        if (auto ok = qmp->save(state, std::chrono::seconds(60)); !ok)
            return ok;
        (void)qmp->quit();
        qemu_->wait(std::chrono::seconds(10));
        config_.qemu.incoming = state;
        return start();
    }

    Result<void> plug()
    {
        auto qmp = connect();
        if (!qmp)
            return tl::make_unexpected(qmp.error());
        return qmp->plug_vcpu();
    }

    void collect()
    {
        result_.console = read_file(config_.qemu.console_log).value_or("");
        result_.results = read_file(config_.qemu.results).value_or("");
        if (!status_)
            return;
        if (*status_ == kAllPassed || *status_ == kSomeFailed) {
            result_.outcome = Outcome::exited;
            result_.status = *status_ == kAllPassed ? 0 : 1;
            return;
        }
        result_.outcome = Outcome::broke;
        result_.reason = last_line_with(result_.console, "panic: ");
        if (result_.reason.empty())
            result_.reason =
                fmt::format("QEMU ended with status {}{}", *status_,
                            " " + last_line_with(read_file(config_.log_dir / kQemuLog).value_or(""),
                                                 "qemu-system-x86_64: ", "warning: TCG"));
    }

    BareConfig &config_;
    TempDir run_dir_;
    std::optional<Process> qemu_;
    std::optional<int> status_;
    std::optional<Requests> requests_;
    GuestResult result_;
};

}  // namespace

Result<GuestResult> run_bare(BareConfig config)
{
    auto run_dir = TempDir::create();
    if (!run_dir)
        return tl::make_unexpected(run_dir.error());
    return BareRun(config, std::move(*run_dir))();
}

}  // namespace harness
