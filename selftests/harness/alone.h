// SPDX-License-Identifier: GPL-2.0-or-later
// A guest that shares nothing with the host while it runs, so that in virtual time the
// same image gives the same output to the byte. Its files are in its initial RAM disk
// (vm-images/mkalone); it has a console and nothing else.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "harness/qemu_args.h"
#include "harness/result.h"

namespace harness {

struct AloneResult {
    std::string console;  // to the moment when the guest turned itself off
    std::string pmu;      // "info pmu" at that moment
};

// Runs `command` (of busybox's shell) in a guest and waits for its end. The machine, the kernel
// and the image are those of `qemu`; console and QEMU's log are kept in log_dir.
Result<AloneResult> run_alone(QemuConfig qemu, const std::string &command,
                              const std::filesystem::path &log_dir, std::chrono::seconds timeout);

}  // namespace harness
