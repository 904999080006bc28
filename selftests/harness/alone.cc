// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/alone.h"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/console.h"
#include "harness/files.h"
#include "harness/process.h"
#include "harness/qmp.h"

namespace harness {

namespace {

namespace fs = std::filesystem;

// The kernel's last word. QEMU does not end then, but stops the machine as it is.
constexpr char kTheEnd[] = "reboot: Power down";

Result<Process> start(const QemuConfig &qemu, const fs::path &log_dir)
{
    const auto args = build_qemu_args(qemu);
    if (auto ok = write_file(log_dir / "qemu-command.txt", shell_line(args) + "\n"); !ok)
        return tl::make_unexpected(ok.error());
    const fs::path log = log_dir / "qemu.log";
    const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return fail_errno("write", log);
    auto process = Process::start({args, {}, fd, fd});
    close(fd);
    return process;
}

bool has_ended(const fs::path &console)
{
    return read_file(console).value_or("").find(kTheEnd) != std::string::npos;
}

std::string last_words(const fs::path &console)
{
    std::string text;
    for (const auto &line : last_lines(read_file(console).value_or(""), 20))
        text += "\n    " + line;
    return text;
}

Result<void> wait_for_the_end(Process &qemu, const fs::path &console, std::chrono::seconds timeout)
{
    const auto end = std::chrono::steady_clock::now() + timeout;
    while (!has_ended(console)) {
        if (qemu.wait(std::chrono::milliseconds(200)))
            return fail("run", "guest", "QEMU ended before the guest did" + last_words(console));
        if (interrupted())
            return fail("run", "guest", "interrupted");
        if (std::chrono::steady_clock::now() > end)
            return fail("run", "guest",
                        fmt::format("no end within {} s{}", timeout.count(), last_words(console)));
    }
    return {};
}

}  // namespace

Result<AloneResult> run_alone(QemuConfig qemu, const std::string &command, const fs::path &log_dir,
                              std::chrono::seconds timeout)
{
    auto run_dir = TempDir::create();
    if (!run_dir)
        return tl::make_unexpected(run_dir.error());
    if (auto ok = make_dirs(log_dir); !ok)
        return tl::make_unexpected(ok.error());
    qemu.alone = command;
    qemu.run_dir = run_dir->path();
    qemu.console_log = log_dir / "console.log";
    std::error_code ignored;
    fs::remove(qemu.console_log, ignored);

    auto process = start(qemu, log_dir);
    if (!process)
        return tl::make_unexpected(process.error());
    if (auto ok = wait_for_the_end(*process, qemu.console_log, timeout); !ok)
        return tl::make_unexpected(ok.error());
    auto qmp = Qmp::connect(qmp_socket(qemu.run_dir), std::chrono::seconds(20));
    if (!qmp)
        return tl::make_unexpected(qmp.error());
    auto pmu = qmp->monitor_command("info pmu");
    if (!pmu)
        return tl::make_unexpected(pmu.error());
    (void)qmp->quit();
    process->wait(std::chrono::seconds(5));
    (void)write_file(log_dir / "pmu.txt", *pmu);
    return AloneResult{read_file(qemu.console_log).value_or(""), *pmu};
}

}  // namespace harness
