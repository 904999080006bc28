// SPDX-License-Identifier: GPL-2.0-or-later
// A repository in miniature whose QEMU is a script that plays a guest.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "harness/files.h"
#include "harness/layout.h"
#include "harness/manifest.h"

class FakeTree {
public:
    FakeTree() : dir_(std::move(*harness::TempDir::create()))
    {
        namespace fs = std::filesystem;
        const fs::path build = root() / "build";
        for (const char *sub : {"qemu", "kernel/guest", "images", "selftests/suites", "bare"})
            fs::create_directories(build / sub);
        fs::create_directories(root() / "vm-images/machines");
        fs::copy(fs::path(SOURCE_DIR) / "harness_tests/fake-qemu",
                 build / "qemu/qemu-system-x86_64");
        fs::copy(fs::path(SOURCE_DIR) / "harness_tests/fake-bare-qemu", build / "bare/qemu");
        fs::copy(fs::path(SOURCE_DIR) / "harness_tests/fake-suite",
                 build / "selftests/suites/fake");
        std::ofstream(build / "kernel/guest/bzImage") << "kernel";
        std::ofstream(build / "images/initramfs.cpio.gz") << "image";
        fs::copy(fs::path(SOURCE_DIR) / "../vm-images/machines/pmem.json",
                 root() / "vm-images/machines/pmem.json");
    }

    const std::filesystem::path &root() const { return dir_.path(); }
    harness::Layout layout() const { return harness::Layout(root()); }

    // A job whose guest (or program) plays this role; it has a second for it.
    static harness::Job job(const std::string &role,
                            harness::JobKind kind = harness::JobKind::guest)
    {
        harness::Job job;
        job.name = "fake-" + role;
        job.kind = kind;
        job.program = "build/selftests/suites/fake";
        job.append = "role=" + role;
        job.args = {role};
        job.suites = "sluice";
        job.timeout = std::chrono::seconds(1);
        job.boot_timeout = std::chrono::seconds(1);
        return job;
    }

private:
    harness::TempDir dir_;
};
