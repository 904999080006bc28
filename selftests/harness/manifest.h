// SPDX-License-Identifier: GPL-2.0-or-later
// Every test job, as selftests/manifest.json declares it.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/qemu_args.h"
#include "harness/result.h"

namespace harness {

enum class JobKind {
    host,   // a GoogleTest program, run here
    guest,  // a GoogleTest program with the results listener, run in a guest
    kunit,  // the kernel's own tests, read from the console of a guest
    bare,   // a kernel that is itself the tests, and writes its results to the debug console
};

// A number that a guest's test has measured must be the one that the emulated
// PMU reports after it.
struct Comparison {
    std::string measured;  // the test says "# measured NAME VALUE"
    std::string pmu;       // "info pmu" says "NAME: VALUE" for each vCPU
};

struct Job {
    std::string name;
    JobKind kind = JobKind::host;
    std::string program;  // relative to the repository
    std::vector<std::string> args;
    std::string make = "make selftests";  // builds the program
    std::chrono::seconds timeout{300};
    std::vector<std::string> allowed_skips;
    std::vector<std::string> own_kernel_only;  // tests whose bounds mean nothing with another
    bool takes_long = false;                   // runs only if asked for
    std::string rerun_options;                 // of run-tests, beside the filter

    // guests only
    std::string machine = "pmem";
    std::string variant = "guest";
    Mode mode = Mode::fast;
    std::string append;
    std::string memory;
    unsigned vcpus = 0;          // 0: the machine's
    unsigned max_vcpus = 0;      // room for more
    std::string cpu_options;     // "pmu-mlp=2,..."
    bool host_services = false;  // it may ask the host for them (host_services.h)
    bool reboots = false;        // it reboots at its end, and has to come that far
    std::chrono::seconds boot_timeout{120};
    std::string suites;  // kunit: names of the suites begin with this
    std::vector<Comparison> comparisons;
};

Result<std::vector<Job>> parse_manifest(const std::filesystem::path &name, std::string_view json);

}  // namespace harness
