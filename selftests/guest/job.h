// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest is asked to do, as the launcher writes it and the guest's init reads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace guest {

// A host directory that the guest may write to, mounted at the same path.
struct Share {
    std::string tag;
    std::string path;
};

struct Job {
    std::string cwd = "/";
    std::vector<std::string> env;  // NAME=value
    std::vector<std::string> argv;
    std::vector<Share> shares;
};

// Records are "key=value" and end with a NUL, so that any argument survives.
std::string encode(const Job &job);

// Returns false when the text is not a whole job (no command, unknown key, cut off).
bool decode(std::string_view text, Job &job);

// Names of the virtio ports between init and launcher.
inline constexpr char kPortStdout[] = "sluice.stdout";
inline constexpr char kPortStderr[] = "sluice.stderr";
inline constexpr char kPortStatus[] = "sluice.status";
inline constexpr char kPortResults[] = "sluice.results";
inline constexpr char kPortHost[] = "sluice.host";  // only where the job has "host_services"
// To init: the host's time (seconds since 1970), a blank, the job's length, a newline, the job.
inline constexpr char kPortWake[] = "sluice.wake";

// The ports for test results and for what is asked of the host reach the command in these
// variables.
inline constexpr char kResultsEnv[] = "SLUICE_RESULTS";
inline constexpr char kHostEnv[] = "SLUICE_HOST";

// Boot, say "ready" on the status port, and wait for a job on the wake port: a machine to be saved.
inline constexpr char kWaitParameter[] = "sluice.wait";

// Where init sees the host's root directory before it switches to the overlay.
inline constexpr char kJobParameter[] = "sluice.job=";

// Asks init to make the kernel look for leaked memory before the end, if it can.
inline constexpr char kLookForLeaks[] = "sluice.look_for_leaks";

// Asks init to reboot by itself at the end, with whatever is still running; QEMU ends then.
inline constexpr char kReboot[] = "sluice.reboot";

}  // namespace guest
