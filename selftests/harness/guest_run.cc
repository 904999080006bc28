// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/guest_run.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/console.h"
#include "harness/files.h"
#include "harness/host_services.h"
#include "harness/process.h"
#include "harness/qmp.h"
#include "harness/requests.h"

namespace harness {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

class Fd {
public:
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd &operator=(Fd &&other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Fd(const Fd &) = delete;
    Fd &operator=(const Fd &) = delete;
    ~Fd()
    {
        if (fd_ >= 0)
            close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
};

// A port of the guest: QEMU writes into a named pipe, we read at the other end.
struct Port {
    Fd fd;
    std::function<void(std::string_view)> sink;
};

Result<Fd> open_pipe(const fs::path &path)
{
    if (mkfifo(path.c_str(), 0600) != 0)
        return fail_errno("make pipe", path);
    Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (fd.get() < 0)
        return fail_errno("open pipe", path);
    return fd;
}

Result<Fd> open_log(const fs::path &path)
{
    Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (fd.get() < 0)
        return fail_errno("write", path);
    return fd;
}

// Everything that has arrived; true if there was something.
bool drain(Port &port)
{
    std::array<char, 65536> buffer;
    bool any = false;
    ssize_t n;
    while ((n = read(port.fd.get(), buffer.data(), buffer.size())) > 0) {
        port.sink({buffer.data(), static_cast<size_t>(n)});
        any = true;
    }
    return any;
}

// The status port speaks in lines: ready (to be saved), booted, exit N, signal N, broken WHY.
class StatusLine {
public:
    void feed(std::string_view data)
    {
        text_ += data;
        for (size_t end; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1))
            line(text_.substr(0, end));
    }

    bool ready = false;
    bool booted = false;
    bool ended = false;
    std::optional<int> status;
    std::string broken;

private:
    static std::optional<int> number(std::string_view text)
    {
        int value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size())
            return std::nullopt;
        return value;
    }

    void line(const std::string &line)
    {
        const auto space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string rest = space == std::string::npos ? "" : line.substr(space + 1);
        if (word == "ready" || word == "booted") {
            (word == "ready" ? ready : booted) = true;
            return;
        }
        ended = true;
        const auto value = number(rest);
        if (word == "exit" && value)
            status = *value;
        else if (word == "signal" && value)
            status = 128 + *value;
        else
            broken = word == "broken" ? rest : "init said '" + line + "'";
    }

    std::string text_;
};

class Run {
public:
    Run(GuestConfig &config, TempDir run_dir) : config_(config), run_dir_(std::move(run_dir)) {}

    Result<GuestResult> operator()()
    {
        if (auto ok = prepare(); !ok)
            return tl::make_unexpected(ok.error());
        auto log = open_log(config_.log_dir / kQemuLog);
        if (!log)
            return tl::make_unexpected(log.error());
        const auto args = build_qemu_args(config_.qemu);
        if (auto ok = write_file(config_.log_dir / kCommandLog, shell_line(args) + "\n"); !ok)
            return tl::make_unexpected(ok.error());
        auto qemu = Process::start({args, {}, log->get(), log->get()});
        if (!qemu)
            return tl::make_unexpected(qemu.error());
        if (config_.qemu.host_services)
            host_.emplace(qmp_socket(run_dir_.path()), qemu->pid());
        if (auto ok = resume(*qemu); ok)
            follow(*qemu);
        else if (!qemu->poll())  // else its own words say why
            stop(Outcome::broke, ok.error().text());
        finish(*qemu);
        collect();
        return std::move(result_);
    }

private:
    Result<void> prepare()
    {
        if (auto ok = make_dirs(config_.log_dir); !ok)
            return ok;
        auto &q = config_.qemu;
        q.run_dir = run_dir_.path();
        q.console_log = config_.log_dir / kConsoleLog;
        requests_.emplace(q.console_log);
        q.results = config_.log_dir / kResultsLog;
        q.shares = config_.job.shares;
        std::error_code ignored;
        for (const char *old : {kConsoleLog, kResultsLog, kPmuLog})
            fs::remove(config_.log_dir / old, ignored);
        if (auto ok = write_file(job_file(q.run_dir), guest::encode(config_.job)); !ok)
            return ok;
        const auto status_sink = [this](std::string_view data) { status_.feed(data); };
        for (auto &[name, sink] :
             std::initializer_list<std::pair<const char *, std::function<void(std::string_view)>>>{
                 {guest::kPortStdout, config_.on_stdout},
                 {guest::kPortStderr, config_.on_stderr},
                 {guest::kPortStatus, status_sink}}) {
            auto fd = open_pipe(port_pipe(q.run_dir, name));
            if (!fd)
                return tl::make_unexpected(fd.error());
            ports_.push_back({std::move(*fd), sink});
        }
        if (auto ok = q.host_services ? prepare_host_port() : Result<void>(); !ok)
            return ok;
        return q.waits ? prepare_to_wake() : Result<void>();
    }

    // The job waits in the pipe until the guest looks for it. It has to fit: nobody reads yet.
    Result<void> prepare_to_wake()
    {
        const fs::path path = port_pipe(config_.qemu.run_dir, guest::kPortWake);
        if (mkfifo(path.c_str(), 0600) != 0)
            return fail_errno("make pipe", path);
        wake_ = Fd(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
        if (wake_.get() < 0)
            return fail_errno("open pipe", path);
        if (config_.save_to)
            return {};
        const std::string job = guest::encode(config_.job);
        const std::string text = fmt::format("{} {}\n{}", time(nullptr), job.size(), job);
        if (write(wake_.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
            return fail_errno("write the command to", path);
        return {};
    }

    Result<void> prepare_host_port()
    {
        const auto path = port_pipe(config_.qemu.run_dir, guest::kPortHost).string();
        auto requests = open_pipe(path + ".out");
        if (!requests)
            return tl::make_unexpected(requests.error());
        // For reading, too: opening it must not wait for QEMU.
        if (mkfifo((path + ".in").c_str(), 0600) != 0)
            return fail_errno("make pipe", path);
        answers_.emplace(open((path + ".in").c_str(), O_RDWR | O_CLOEXEC));
        if (answers_->get() < 0)
            return fail_errno("open pipe", path);
        ports_.push_back({std::move(*requests), [this](std::string_view data) {
                              const auto text = host_ ? host_->feed(data) : "";
                              if (write(answers_->get(), text.data(), text.size()) < 0)
                                  perror("port of the host");
                          }});
        return {};
    }

    bool drain_all()
    {
        bool any = false;
        for (auto &port : ports_)
            any |= drain(port);
        return any;
    }

    // Sleeps until a port has something, QEMU has closed one, or a little time has passed.
    void wait_a_little()
    {
        std::vector<pollfd> fds;
        for (auto &port : ports_)
            fds.push_back({port.fd.get(), POLLIN, 0});
        poll(fds.data(), fds.size(), 100);
        // A pipe without a writer is always ready: do not spin on it.
        for (auto &fd : fds)
            if ((fd.revents & (POLLIN | POLLHUP)) == POLLHUP) {
                usleep(20000);
                break;
            }
    }

    void follow(Process &qemu)
    {
        const auto start = Clock::now();
        auto since = start;
        bool booted = false;
        while (!status_.ended) {
            const bool gone = qemu.poll().has_value();
            wait_a_little();
            drain_all();
            if (status_.booted && !booted) {
                booted = true;
                since = Clock::now();
                result_.boot_time = duration_cast<milliseconds>(since - start);
            }
            if (status_.ended || gone)
                break;
            if (auto ok = serve(); !ok)
                return stop(Outcome::broke, ok.error().text());
            if (status_.ready && config_.save_to)
                return save();
            const auto limit = booted ? config_.run_timeout : config_.boot_timeout;
            if (interrupted())
                return stop(Outcome::interrupted, "interrupted");
            if (Clock::now() - since > limit)
                return stop(booted ? Outcome::run_timeout : Outcome::boot_timeout,
                            fmt::format("{} timeout: nothing for {} s", booted ? "run" : "boot",
                                        limit.count()));
        }
        result_.run_time = duration_cast<milliseconds>(Clock::now() - since);
    }

    // It was stopped to be saved: QEMU 10.0 loses what a running machine writes meanwhile.
    Result<void> resume(Process &qemu) const
    {
        if (!config_.qemu.incoming)
            return {};
        const fs::path socket = qmp_socket(run_dir_.path());
        for (int i = 0; i < 1000 && !fs::exists(socket) && !qemu.poll(); i++)
            usleep(20000);
        auto qmp = Qmp::connect(socket, std::chrono::seconds(20));
        if (!qmp)
            return tl::make_unexpected(qmp.error());
        return qmp->resume(config_.boot_timeout);
    }

    void save()
    {
        auto qmp = Qmp::connect(qmp_socket(run_dir_.path()), std::chrono::seconds(20));
        auto ok = qmp ? qmp->stop() : Result<void>(tl::make_unexpected(qmp.error()));
        if (ok)
            ok = qmp->save(*config_.save_to, std::chrono::seconds(120));
        if (ok)
            (void)qmp->quit();
        stop(ok ? Outcome::saved : Outcome::broke, ok ? "" : ok.error().text());
    }

    void stop(Outcome outcome, std::string reason)
    {
        result_.outcome = outcome;
        result_.reason = std::move(reason);
    }

    // Does what was asked for on the console, if the machine has room for it.
    Result<void> serve()
    {
        if (!config_.qemu.max_vcpus)
            return {};
        while (const auto what = requests_->next()) {
            if (*what != "plug")
                return fail("serve", "the guest's console", "asked for " + *what);
            auto qmp = Qmp::connect(qmp_socket(run_dir_.path()), std::chrono::seconds(20));
            auto ok = qmp ? qmp->plug_vcpu() : tl::make_unexpected(qmp.error());
            if (!ok)
                return ok;
        }
        return {};
    }

    // Asks the emulated PMU what it has done, then turns the machine off.
    void finish(Process &qemu)
    {
        if (status_.ended && config_.reboots && !qemu.wait(config_.run_timeout))
            stop(Outcome::broke, "it did not reboot");
        if (status_.ended && !config_.reboots && !qemu.poll()) {
            auto qmp = Qmp::connect(qmp_socket(run_dir_.path()), std::chrono::seconds(20));
            if (qmp) {
                auto pmu = qmp->monitor_command("info pmu");
                if (pmu && !pmu->starts_with("unknown command"))
                    result_.pmu = std::move(*pmu);
                (void)qmp->quit();
            }
            qemu.wait(std::chrono::seconds(5));
        }
        if (!qemu.poll())
            qemu.kill();
        qemu_status_ = qemu.wait(std::chrono::seconds(10));
        drain_all();
    }

    void collect()
    {
        result_.console = read_file(config_.log_dir / kConsoleLog).value_or("");
        result_.results = read_file(config_.log_dir / kResultsLog).value_or("");
        result_.complaints = kernel_complaints(result_.console);
        if (result_.pmu)
            (void)write_file(config_.log_dir / kPmuLog, *result_.pmu);
        if (status_.status && result_.reason.empty()) {
            result_.outcome = Outcome::exited;
            result_.status = *status_.status;
        } else if (result_.outcome == Outcome::broke && result_.reason.empty()) {
            result_.reason = why_broken();
        }
    }

    std::string why_broken() const
    {
        if (!status_.broken.empty())
            return "guest init: " + status_.broken;
        for (const char *sign : {"Kernel panic", "guest init: "})
            if (auto line = last_line_with(result_.console, sign); !line.empty())
                return line;
        const auto qemu_log = read_file(config_.log_dir / kQemuLog).value_or("");
        const auto said = last_line_with(qemu_log, "qemu-system-x86_64: ", "warning: TCG");
        return fmt::format("QEMU ended with status {} before the command did{}",
                           qemu_status_.value_or(-1), said.empty() ? "" : ": " + said);
    }

    GuestConfig &config_;
    TempDir run_dir_;
    std::vector<Port> ports_;
    Fd wake_{-1};
    StatusLine status_;
    std::optional<Requests> requests_;
    std::optional<HostServices> host_;
    std::optional<Fd> answers_;
    GuestResult result_;
    std::optional<int> qemu_status_;
};

}  // namespace

Result<GuestResult> run_guest(GuestConfig config)
{
    auto run_dir = TempDir::create();
    if (!run_dir)
        return tl::make_unexpected(run_dir.error());
    return Run(config, std::move(*run_dir))();
}

int exit_status(const GuestResult &result)
{
    switch (result.outcome) {
        case Outcome::exited:
            return result.status;
        case Outcome::boot_timeout:
        case Outcome::run_timeout:
            return 124;
        case Outcome::interrupted:
            return 130;
        case Outcome::saved:
            return 0;
        case Outcome::broke:
            break;
    }
    return 125;
}

}  // namespace harness
