// SPDX-License-Identifier: GPL-2.0-or-later
// vm: boots a guest on the host's own files and runs one command in it.
//
// The command's output goes where it would go here, and its exit status is ours.

#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "harness/console.h"
#include "harness/files.h"
#include "harness/kvm.h"
#include "harness/layout.h"
#include "harness/process.h"
#include "harness/snapshot.h"

namespace {

namespace fs = std::filesystem;
using harness::Result;

constexpr int kUsage = 2;
constexpr int kGuestBroke = 125;
constexpr size_t kTail = 40;
constexpr char kPerfData[] = "perf.data";

constexpr char kFooter[] =
    "Exit status: the command's own (128 + signal); 124 timeout, 125 guest broke or could not\n"
    "start, 126 / 127 as a shell; 2 usage, 130 interrupted.\n\n"
    "Examples:\n"
    "  scripts/vm -- uname -a\n"
    "  scripts/vm --machine list\n"
    "  scripts/vm --perf -- build/userspace/bin/sluice load gups --seconds 10\n"
    "  scripts/vm --gdb 1234 -- true\n"
    "  scripts/vm --machine cxl --share \"$PWD/build/out\" -- sh -c 'numactl -H > "
    "build/out/nodes'\n"
    "  scripts/vm --variant debug --append 'kunit.enable=1' -- cat /proc/vmstat\n"
    "  scripts/vm --kernel stock -- build/kernel/stock/perf stat -e instructions:u true\n"
    "  scripts/vm --snapshot -- nproc\n"
    "  scripts/vm --dry-run --virtual-time -- true";

struct Options {
    std::string machine = "pmem";
    std::string variant = "guest";
    std::string append;
    std::string memory;
    std::string root;
    std::string log_dir;
    std::string monitor;
    std::string snapshots;
    std::vector<std::string> shares;
    std::vector<std::string> command;
    unsigned vcpus = 0;
    unsigned timeout_s = 600;
    unsigned boot_timeout_s = 120;
    unsigned gdb_port = 0;
    bool perf = false;
    bool fast = false;
    bool virtual_time = false;
    bool kvm = false;
    bool snapshot = false;
    bool dry_run = false;
};

void declare(CLI::App &app, Options &o)
{
    app.footer(kFooter);
    app.add_option("--machine", o.machine, "machine: vm-images/machines/NAME.json, or list")
        ->capture_default_str();
    app.add_option("--kernel,--variant", o.variant,
                   "kernel: build/kernel/NAME (guest, debug, stock)")
        ->capture_default_str();
    auto *fast = app.add_flag("--fast", o.fast, "multi-threaded emulation (default)");
    auto *time = app.add_flag("--virtual-time", o.virtual_time,
                              "deterministic emulation: time follows instructions and memory");
    auto *kvm = app.add_flag("--kvm", o.kvm, "use KVM; refused unless it gives guests PEBS");
    fast->excludes(time)->excludes(kvm);
    time->excludes(kvm);
    app.add_option("--append", o.append, "more kernel arguments");
    app.add_option("--memory", o.memory, "MiB of each node: FAST,SLOW[,...]");
    app.add_option("--vcpus", o.vcpus, "number of vCPUs (default: the machine's)");
    app.add_option("--share", o.shares, "directory that the guest may write, at the same path");
    app.add_option("--timeout", o.timeout_s, "seconds of host time for the command")
        ->capture_default_str();
    app.add_option("--boot-timeout", o.boot_timeout_s, "seconds of host time until it runs")
        ->capture_default_str();
    app.add_option("--log-dir", o.log_dir, "where to keep the logs (default: build/logs/vm/TIME)");
    app.add_option("--monitor", o.monitor, "path of a socket for QEMU's monitor");
    app.add_option(
           "--gdb", o.gdb_port,
           "TCP port (a number) on which the guest waits for gdb; there are no timeouts then")
        ->check(CLI::Range(1, 65535));
    app.add_flag("--perf", o.perf,
                 "record the whole guest with perf while the command runs: LOG-DIR/perf.data");
    app.add_flag("--snapshot", o.snapshot,
                 "start from a guest that has booted and was saved; made on first use")
        ->excludes(time)
        ->excludes(kvm)
        ->excludes("--gdb");
    app.add_option("--snapshots", o.snapshots, "where they are kept (default: build/snapshots)");
    app.add_flag("--dry-run", o.dry_run, "print the QEMU command line and stop");
    app.add_option("--root", o.root, "repository (default: the one this was built in)");
    app.prefix_command();  // options end where the command begins
}

harness::Layout layout_of(const Options &o)
{
    return o.root.empty() ? harness::Layout::of_this_program()
                          : harness::Layout(fs::absolute(o.root));
}

int list_machines(const harness::Layout &layout)
{
    for (const auto &name : layout.machine_names()) {
        const auto machine = layout.machine(name);
        if (!machine) {
            fmt::print(stderr, "vm: {}\n", machine.error().text());
            return kGuestBroke;
        }
        fmt::print("{:<12} {} vCPUs, MiB", name, machine->vcpus);
        for (const auto &node : machine->nodes)
            fmt::print(" {}", node.memory_mib);
        fmt::print(": {}\n", machine->description);
    }
    return 0;
}

std::string default_log_dir(const harness::Layout &layout)
{
    char stamp[32];
    const std::time_t now = std::time(nullptr);
    std::strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", std::localtime(&now));
    return layout.build() / "logs/vm" / fmt::format("{}-{}", stamp, getpid());
}

Result<guest::Job> make_job(const Options &o)
{
    guest::Job job;
    job.cwd = fs::current_path();
    job.argv = o.command;
    for (const char *name : {"PATH", "HOME", "LANG", "LC_ALL", "NO_COLOR"})
        if (const char *value = std::getenv(name))
            job.env.push_back(fmt::format("{}={}", name, value));
    for (const auto &share : o.shares) {
        const fs::path path = fs::absolute(share).lexically_normal();
        if (!fs::is_directory(path))
            return harness::fail("share", path, "not a directory");
        job.shares.push_back({fmt::format("share{}", job.shares.size()), path});
    }
    return job;
}

// The guest runs on this machine's files, so its perf is the distribution's.
Result<void> add_perf(harness::GuestConfig &c)
{
    if (access("/usr/bin/perf", X_OK) != 0)
        return harness::fail("run", "/usr/bin/perf", "no such file", "apt-get install linux-perf");
    if (auto ok = harness::make_dirs(c.log_dir); !ok)
        return ok;
    c.job.shares.push_back({fmt::format("share{}", c.job.shares.size()), c.log_dir});
    const char *event = c.qemu.machine.pmu ? "cycles" : "cpu-clock";
    std::vector<std::string> argv = {"/usr/bin/perf",
                                     "record",
                                     "--quiet",
                                     "--all-cpus",
                                     "--call-graph",
                                     "fp",
                                     "--event",
                                     event,
                                     "--output",
                                     c.log_dir / kPerfData,
                                     "--"};
    argv.insert(argv.end(), c.job.argv.begin(), c.job.argv.end());
    c.job.argv = std::move(argv);
    return {};
}

void add_gdb(harness::GuestConfig &c, unsigned port)
{
    constexpr auto for_ever = std::chrono::hours(24 * 365);
    c.qemu.gdb_port = port;
    c.boot_timeout = c.run_timeout = for_ever;
}

harness::Mode mode(const Options &o)
{
    if (o.kvm)
        return harness::Mode::kvm;
    return o.virtual_time ? harness::Mode::virtual_time : harness::Mode::fast;
}

Result<harness::GuestConfig> make_config(const Options &o)
{
    const auto layout = layout_of(o);
    harness::GuestConfig c;
    auto qemu = layout.qemu(o.variant, o.machine, {o.memory, o.vcpus});
    if (!qemu)
        return tl::make_unexpected(qemu.error());
    auto job = make_job(o);
    if (!job)
        return tl::make_unexpected(job.error());
    c.qemu = *qemu;
    c.qemu.mode = mode(o);
    c.qemu.append = o.append;
    if (!o.monitor.empty())
        c.qemu.monitor = fs::absolute(o.monitor);
    c.job = *job;
    c.boot_timeout = std::chrono::seconds(o.boot_timeout_s);
    c.run_timeout = std::chrono::seconds(o.timeout_s);
    c.log_dir = fs::absolute(o.log_dir.empty() ? default_log_dir(layout) : o.log_dir);
    if (o.gdb_port)
        add_gdb(c, o.gdb_port);
    if (o.perf)
        if (auto ok = add_perf(c); !ok)
            return tl::make_unexpected(ok.error());
    return c;
}

void print_command_line(harness::GuestConfig &c)
{
    c.qemu.run_dir = "/tmp/sluice-vm";
    c.qemu.console_log = c.log_dir / harness::kConsoleLog;
    c.qemu.results = c.log_dir / harness::kResultsLog;
    c.qemu.shares = c.job.shares;
    fmt::print("{}\n", harness::shell_line(harness::build_qemu_args(c.qemu)));
}

void write_through(int fd, std::string_view data)
{
    while (!data.empty()) {
        const ssize_t n = write(fd, data.data(), data.size());
        if (n <= 0)
            return;
        data.remove_prefix(static_cast<size_t>(n));
    }
}

void explain(const harness::GuestResult &result, const fs::path &log_dir)
{
    if (result.outcome == harness::Outcome::exited && result.complaints.empty())
        return;
    if (result.outcome == harness::Outcome::interrupted) {
        fmt::print(stderr, "vm: interrupted (logs: {})\n", log_dir.string());
        return;
    }
    if (result.outcome == harness::Outcome::exited) {
        fmt::print(stderr, "vm: the guest's kernel complained:\n");
        for (const auto &line : result.complaints)
            fmt::print(stderr, "    {}\n", line);
    } else {
        fmt::print(stderr, "vm: the last {} lines of the console:\n", kTail);
        for (const auto &line : harness::last_lines(result.console, kTail))
            fmt::print(stderr, "    {}\n", line);
        fmt::print(stderr, "vm: {}\n", result.reason);
    }
    fmt::print(stderr, "vm: logs: {}\n", log_dir.string());
}

void announce(const Options &o, const harness::GuestConfig &c)
{
    if (o.gdb_port)
        fmt::print(stderr, "vm: waiting for: gdb {} -ex 'target remote :{}' -ex continue\n",
                   c.qemu.kernel.parent_path().append("vmlinux").string(), o.gdb_port);
}

void say_where_perf_is(const Options &o, const harness::GuestConfig &c)
{
    if (o.perf && fs::exists(c.log_dir / kPerfData))
        fmt::print(stderr, "vm: perf report -i {} -k {}\n", (c.log_dir / kPerfData).string(),
                   c.qemu.kernel.parent_path().append("vmlinux").string());
}

Result<void> use_snapshot(const Options &o, harness::GuestConfig &c)
{
    const fs::path directory =
        o.snapshots.empty() ? layout_of(o).build() / "snapshots" : fs::absolute(o.snapshots);
    return harness::start_from_snapshot(c, directory, [] {
        fmt::print(stderr, "vm: no snapshot of this machine yet: booting one\n");
    });
}

int run(Options &o)
{
    if (o.kvm)
        if (auto ok = harness::kvm_gives_pebs(); !ok) {
            fmt::print(stderr, "vm: {}\n", ok.error().text());
            return kGuestBroke;
        }
    auto config = make_config(o);
    if (!config) {
        fmt::print(stderr, "vm: {}\n", config.error().text());
        return kGuestBroke;
    }
    if (o.dry_run) {
        print_command_line(*config);
        return 0;
    }
    if (o.snapshot)
        if (auto ok = use_snapshot(o, *config); !ok) {
            fmt::print(stderr, "vm: {}\n", ok.error().text());
            return kGuestBroke;
        }
    config->on_stdout = [](std::string_view data) { write_through(STDOUT_FILENO, data); };
    config->on_stderr = [](std::string_view data) { write_through(STDERR_FILENO, data); };
    announce(o, *config);
    harness::watch_for_interrupts();
    const auto result = harness::run_guest(*config);
    if (!result) {
        fmt::print(stderr, "vm: {}\n", result.error().text());
        return kGuestBroke;
    }
    explain(*result, config->log_dir);
    say_where_perf_is(o, *config);
    return harness::exit_status(*result);
}

}  // namespace

int main(int argc, char **argv)
{
    Options options;
    CLI::App app(
        "Boots a guest on this machine's files (read-only underneath) and runs a command in it.\n"
        "The command and its arguments follow the options, after -- if need be.",
        "scripts/vm");
    declare(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : kUsage;
    }
    if (options.machine == "list")
        return list_machines(layout_of(options));
    options.command = app.remaining();
    if (!options.command.empty() && options.command.front() == "--")
        options.command.erase(options.command.begin());
    if (options.command.empty() || options.command.front().starts_with("-")) {
        fmt::print(
            stderr, "vm: {} (see vm --help)\n",
            options.command.empty() ? "no command" : "unknown option " + options.command.front());
        return kUsage;
    }
    return run(options);
}
