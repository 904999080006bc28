// SPDX-License-Identifier: GPL-2.0-or-later
// One guest from power-on to the end of its command.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guest/job.h"
#include "harness/qemu_args.h"
#include "harness/result.h"

namespace harness {

struct GuestConfig {
    QemuConfig qemu;  // run_dir is filled in by run_guest()
    guest::Job job;
    std::chrono::seconds boot_timeout{120};
    bool reboots = false;  // by itself, once the command has ended
    std::chrono::seconds run_timeout{600};
    std::filesystem::path log_dir;
    // For a machine that waits (QemuConfig::waits): save it there once it has booted, run no job.
    std::optional<std::filesystem::path> save_to;
    std::function<void(std::string_view)> on_stdout = [](std::string_view) {};
    std::function<void(std::string_view)> on_stderr = [](std::string_view) {};
};

// A guest has ended well only if it said itself how its command ended.
enum class Outcome {
    exited,
    broke,  // panic, QEMU gone, init in trouble: no status ever came
    boot_timeout,
    run_timeout,
    interrupted,
    saved,
};

struct GuestResult {
    Outcome outcome = Outcome::broke;
    int status = 0;                       // of the command, 128 + signal; only if exited
    std::string reason;                   // one line; empty if exited
    std::vector<std::string> complaints;  // of the kernel, on the console
    std::string console;
    std::string results;             // what came through the results port
    std::optional<std::string> pmu;  // the monitor's "info pmu" after the command
    std::chrono::milliseconds boot_time{0};
    std::chrono::milliseconds run_time{0};
};

// An error means that the guest could not even be tried (a missing file, ...).
Result<GuestResult> run_guest(GuestConfig config);

// In a shell's terms: the command's, 124 timeout, 125 broke, 130 interrupted.
int exit_status(const GuestResult &result);

// Files that a guest leaves in its log directory.
inline constexpr char kConsoleLog[] = "console.log";
inline constexpr char kQemuLog[] = "qemu.log";
inline constexpr char kResultsLog[] = "results.ktap";
inline constexpr char kPmuLog[] = "pmu.txt";
inline constexpr char kCommandLog[] = "qemu-command.txt";

}  // namespace harness
