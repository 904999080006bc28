// SPDX-License-Identifier: GPL-2.0-or-later
// A kernel that is itself the tests, from power-on until it turns the machine off.
#pragma once

#include <chrono>
#include <filesystem>

#include "harness/guest_run.h"
#include "harness/qemu_args.h"
#include "harness/result.h"

namespace harness {

struct BareConfig {
    QemuConfig qemu;  // run_dir is filled in by run_bare()
    std::chrono::seconds timeout{60};
    std::filesystem::path log_dir;
};

// It has ended well only if it said itself how its tests ended, through the debug exit.
//
// On its console it may ask for what only the outside can do, a line each:
//   harness: move       save the machine to a file and go on from there in another QEMU
//   harness: plug       add a vCPU
Result<GuestResult> run_bare(BareConfig config);

}  // namespace harness
