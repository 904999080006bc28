// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/layout.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/files.h"
#include "harness/tsc.h"

namespace harness {

namespace {

namespace fs = std::filesystem;

Result<void> need(const fs::path &path, const std::string &hint)
{
    std::error_code error;
    if (!fs::exists(path, error))
        return fail("find", path, "no such file", hint);
    return {};
}

// The target that makes a kernel.
std::string make_kernel(const std::string &variant)
{
    if (variant == "stock")
        return "make stock";
    return "make kernel" + (variant == "guest" ? "" : " VARIANT=" + variant);
}

}  // namespace

Layout Layout::of_this_program()
{
    const fs::path program = fs::read_symlink("/proc/self/exe");
    return Layout(program.parent_path().parent_path().parent_path().parent_path());
}

fs::path Layout::machine_file(const std::string &name) const
{
    return root_ / "vm-images/machines" / (name + ".json");
}

std::vector<std::string> Layout::machine_names() const
{
    std::vector<std::string> names;
    std::error_code error;
    for (const auto &entry : fs::directory_iterator(root_ / "vm-images/machines", error))
        if (entry.path().extension() == ".json")
            names.push_back(entry.path().stem());
    std::sort(names.begin(), names.end());
    return names;
}

fs::path Layout::kernel(const std::string &variant) const
{
    return build() / "kernel" / variant / "bzImage";
}

fs::path Layout::initramfs(const std::string &variant) const
{
    const char *file = "initramfs.cpio.gz";
    const fs::path own = kernel(variant).parent_path() / file;
    std::error_code error;
    return fs::exists(own, error) ? own : build() / "images" / file;
}

Result<Machine> Layout::machine(const std::string &name, const Overrides &overrides) const
{
    auto text = read_file(machine_file(name));
    if (!text) {
        auto error = text.error();
        error.hint = fmt::format("there are: {}", fmt::join(machine_names(), ", "));
        return tl::make_unexpected(error);
    }
    auto machine = parse_machine(name, *text);
    if (machine && !overrides.memory.empty())
        if (auto ok = resize(*machine, overrides.memory); !ok)
            return tl::make_unexpected(ok.error());
    if (machine && overrides.vcpus)
        if (auto ok = set_vcpus(*machine, overrides.vcpus); !ok)
            return tl::make_unexpected(ok.error());
    return machine;
}

Result<QemuConfig> Layout::qemu(const std::string &variant, const std::string &machine_name,
                                const Overrides &overrides) const
{
    QemuConfig c;
    // The option ROMs that boot a kernel are QEMU's own; the firmware is the distribution's.
    c.firmware = {build() / "qemu/roms", "/usr/share/seabios"};
    c.qemu = build() / "qemu/qemu-system-x86_64";
    c.kernel = kernel(variant);
    c.initramfs = initramfs(variant);
    const std::pair<fs::path, std::string> needed[] = {
        {c.qemu, "make qemu"},
        {c.kernel, make_kernel(variant)},
        {c.initramfs, "make image"},
    };
    for (const auto &[path, hint] : needed)
        if (auto ok = need(path, hint); !ok)
            return tl::make_unexpected(ok.error());
    auto guest_machine = machine(machine_name, overrides);
    if (!guest_machine)
        return tl::make_unexpected(guest_machine.error());
    c.machine = std::move(*guest_machine);
    if (variant == "kasan")
        add_memory_for_kasan(c.machine);
    c.tsc_khz = host_tsc_khz();
    return c;
}

Result<QemuConfig> Layout::bare(const std::string &program, const std::string &machine_name,
                                const Overrides &overrides, const std::string &make) const
{
    QemuConfig c;
    c.firmware = {build() / "qemu/roms", "/usr/share/seabios"};
    c.qemu = build() / "qemu/qemu-system-x86_64";
    c.kernel = root_ / program;
    for (const auto &[path, hint] :
         {std::pair(c.qemu, std::string("make qemu")), std::pair(c.kernel, make)})
        if (auto ok = need(path, hint); !ok)
            return tl::make_unexpected(ok.error());
    auto described = machine(machine_name, overrides);
    if (!described)
        return tl::make_unexpected(described.error());
    c.machine = std::move(*described);
    return c;
}

}  // namespace harness
