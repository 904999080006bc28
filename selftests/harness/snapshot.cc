// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/snapshot.h"

#include <fmt/format.h>

#include <unistd.h>

#include "harness/files.h"

namespace harness {

namespace {

namespace fs = std::filesystem;

constexpr char kMemory[] = "memory";
constexpr char kKey[] = "key";

// As it is on every run.
QemuConfig without_paths(QemuConfig config)
{
    config.run_dir = "/run";
    config.console_log = "/console";
    config.results = "/results";
    config.monitor.reset();
    config.incoming.reset();
    config.waits = true;
    config.tsc_khz = 0;  // measured anew by each launcher, and never quite the same
    for (auto &share : config.shares)
        share.path = "/";
    return config;
}

// A file that is written anew has another time.
std::string version_of(const fs::path &file)
{
    std::error_code error;
    const auto size = fs::file_size(file, error);
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    return fmt::format("{} {} {}\n", file.string(), size, time);
}

Result<void> make_snapshot(GuestConfig config, const fs::path &directory, const std::string &key)
{
    // Complete, or not there: another launcher may be at it, too.
    const fs::path temporary = directory.string() + fmt::format(".{}", getpid());
    std::error_code ignored;
    fs::remove_all(temporary, ignored);
    if (auto ok = make_dirs(temporary); !ok)
        return ok;
    config.qemu.monitor.reset();
    config.job = {"/", {}, {}, config.job.shares};
    for (auto &share : config.job.shares)
        share.path = "/";
    config.log_dir = temporary;
    config.save_to = temporary / kMemory;
    const auto result = run_guest(config);
    if (!result)
        return tl::make_unexpected(result.error());
    if (result->outcome != Outcome::saved || !result->complaints.empty())
        return fail("boot and save", temporary,
                    result->complaints.empty() ? result->reason : result->complaints.front(),
                    "see console.log and qemu.log there");
    if (auto ok = write_file(temporary / kKey, key); !ok)
        return ok;
    fs::rename(temporary, directory, ignored);
    if (ignored)
        fs::remove_all(temporary, ignored);  // another one was faster
    return {};
}

}  // namespace

std::string snapshot_key(const QemuConfig &config)
{
    return shell_line(build_qemu_args(without_paths(config))) + "\n" + version_of(config.qemu) +
           version_of(config.kernel) + version_of(config.initramfs);
}

Result<void> start_from_snapshot(GuestConfig &config, const fs::path &directory,
                                 const std::function<void()> &announce)
{
    QemuConfig &qemu = config.qemu;
    qemu.waits = true;
    qemu.shares = config.job.shares;
    const std::string key = snapshot_key(qemu);
    const fs::path mine = directory / fmt::format("{:016x}", std::hash<std::string>()(key));
    if (read_file(mine / kKey).value_or("") != key) {
        std::error_code ignored;
        fs::remove_all(mine, ignored);
        announce();
        if (auto ok = make_snapshot(config, mine, key); !ok)
            return ok;
    }
    qemu.incoming = mine / kMemory;
    return {};
}

}  // namespace harness
