// SPDX-License-Identifier: GPL-2.0-or-later
// Where the repository keeps what a guest needs, and a guest made of it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/guest_run.h"
#include "harness/machine.h"
#include "harness/result.h"

namespace harness {

// What a guest may have other than its machine says; empty and 0: as the machine says.
struct Overrides {
    std::string memory;  // MiB of each node: "256,1024"
    unsigned vcpus = 0;
};

class Layout {
public:
    explicit Layout(std::filesystem::path root) : root_(std::move(root)) {}

    // The repository that this program was built in (it lives in build/selftests/bin).
    static Layout of_this_program();

    const std::filesystem::path &root() const { return root_; }
    std::filesystem::path build() const { return root_ / "build"; }
    std::filesystem::path machine_file(const std::string &name) const;
    std::vector<std::string> machine_names() const;  // sorted
    Result<Machine> machine(const std::string &name, const Overrides &overrides = {}) const;
    std::filesystem::path kernel(const std::string &variant) const;
    // Of its own where the kernel needs modules, else the one for all.
    std::filesystem::path initramfs(const std::string &variant) const;

    // A guest's files, each of them there, or an error with the target to make; and its machine.
    Result<QemuConfig> qemu(const std::string &variant, const std::string &machine_name,
                            const Overrides &overrides) const;

    // A machine that starts this kernel, and nothing else.
    Result<QemuConfig> bare(const std::string &program, const std::string &machine_name,
                            const Overrides &overrides, const std::string &make) const;

private:
    std::filesystem::path root_;
};

}  // namespace harness
