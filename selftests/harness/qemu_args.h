// SPDX-License-Identifier: GPL-2.0-or-later
// The QEMU command line of a guest, as a pure function of its description.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "guest/job.h"
#include "harness/machine.h"

namespace harness {

enum class Mode {
    fast,          // multi-threaded TCG, for functional tests
    virtual_time,  // icount: deterministic, for every published figure
    kvm,           // only on request, only where the host can give guests PEBS
};

struct QemuConfig {
    std::filesystem::path qemu;
    std::vector<std::filesystem::path> firmware;  // -L, in order
    std::filesystem::path kernel;
    std::filesystem::path initramfs;
    std::filesystem::path host_root = "/";
    std::filesystem::path run_dir;  // pipes, sockets and the job live here
    std::filesystem::path console_log;
    std::filesystem::path results;  // file for the test results port
    std::optional<std::filesystem::path> monitor;
    unsigned gdb_port = 0;  // 0: no debugger; else the guest waits for one
    std::vector<guest::Share> shares;
    Machine machine;
    Mode mode = Mode::fast;
    // A command for a guest that has a console and nothing else (see alone.h).
    std::optional<std::string> alone;
    unsigned tsc_khz = 0;  // of this host; 0: the guest has to find out
    std::string append;
    bool host_services = false;  // a balloon, room for more memory, and a port to ask for them
    unsigned max_vcpus = 0;      // room for more; 0: none
    std::string cpu_options;     // more properties of the CPU
    unsigned moves = 0;          // bare: how often it has been saved
    std::optional<std::filesystem::path> incoming;  // goes on where this file was saved
    bool waits = false;  // for its job on a port, so that it can be saved before
};

// Where the launcher finds QEMU's control socket and the guest's job.
std::filesystem::path qmp_socket(const std::filesystem::path &run_dir);
std::filesystem::path job_file(const std::filesystem::path &run_dir);
std::filesystem::path port_pipe(const std::filesystem::path &run_dir, const std::string &port);

std::vector<std::string> build_qemu_args(const QemuConfig &config);

// A machine for a kernel that is itself the tests (selftests/pmu): results come through the debug
// console, the end through the debug exit.
std::vector<std::string> build_bare_args(const QemuConfig &config);

// The arguments as one line for a shell.
std::string shell_line(const std::vector<std::string> &args);

}  // namespace harness
