// SPDX-License-Identifier: GPL-2.0-or-later
// A guest that has booted, kept in a file: the next one starts from there.
//
// A machine with a mounted 9p file system cannot be saved. So init waits before it mounts the root
// (guest::kWaitParameter), the machine is saved there, and is told its job when it is woken up.
#pragma once

#include <filesystem>
#include <string>

#include "harness/guest_run.h"
#include "harness/result.h"

namespace harness {

// What a saved machine depends on: its devices, and the files that it was made of. Not on the paths
// of one run, nor on what is shared.
std::string snapshot_key(const QemuConfig &config);

// Makes config a machine that goes on from its snapshot below directory; if there is none yet,
// boots one and saves it, which takes as long as a boot. announce() is told so.
Result<void> start_from_snapshot(GuestConfig &config, const std::filesystem::path &directory,
                                 const std::function<void()> &announce);

}  // namespace harness
