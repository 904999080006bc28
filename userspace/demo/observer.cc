// SPDX-License-Identifier: GPL-2.0-or-later
#include "demo/observer.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "sluice/knobs.h"
#include "sluice/output_file.h"

namespace sluice {

Result<Snapshot> Snapshot::take(const Sysroot &root)
{
    const auto text = root.read("/proc/vmstat");
    if (!text)
        return propagate(text);
    auto sluice = parse_vmstat(*text);
    const auto migrated = parse_vmstat(*text, "pgmigrate_success");
    const auto switches = read_context_switches(root);
    if (!sluice)
        return propagate(sluice);
    if (!migrated)
        return propagate(migrated);
    if (!switches)
        return propagate(switches);
    return Snapshot{std::move(*sluice), value_of(*migrated, "pgmigrate_success"), *switches};
}

Snapshot difference(const Snapshot &after, const Snapshot &before)
{
    return {difference(after.sluice, before.sluice), after.pages_migrated - before.pages_migrated,
            after.context_switches - before.context_switches};
}

Result<> switch_off_numa_balancing(const Sysroot &root)
{
    constexpr std::string_view path = "/proc/sys/kernel/numa_balancing";
    return root.exists(path) ? root.write(path, "0") : Result<>();  // not built in: off
}

Result<> switch_on(const Sysroot &root, const KnobSettings &knobs)
{
    for (const auto &[name, value] : knobs)
        if (auto written = write_knob(root, name, value); !written)
            return written;
    return write_knob(root, "enabled", "1");
}

Result<> switch_off(const Sysroot &root)
{
    return write_knob(root, "enabled", "0");
}

Result<> capture_process(const Sysroot &root, int pid, const std::string &directory)
{
    for (const char *name : {"sluice", "comm", "numa_maps"}) {
        const std::string path = fmt::format("/proc/{}/{}", pid, name);
        const auto text = root.read(path);
        if (!text)
            return propagate(text);
        if (auto written = write_result(directory + path, *text); !written)
            return written;
    }
    return {};
}

Result<> write_result(const std::string &path, const std::string &text)
{
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
    return write_atomically(path, text);
}

}  // namespace sluice
