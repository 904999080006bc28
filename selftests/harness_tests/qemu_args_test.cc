// SPDX-License-Identifier: GPL-2.0-or-later
// QEMU's command line against golden files, one argument a line.
// To accept a change: ACCEPT_GOLDEN=1 build/selftests/bin/harness-tests --gtest_filter='QemuArgs*'

#include <cstdlib>

#include <gtest/gtest.h>

#include "harness/files.h"
#include "harness/qemu_args.h"

namespace {

using harness::Mode;
using harness::QemuConfig;

QemuConfig config(const std::string &machine)
{
    QemuConfig c;
    c.qemu = "qemu";
    c.firmware = {"/roms", "/firmware"};
    c.kernel = "/k/bzImage";
    c.initramfs = "/i/initramfs";
    c.run_dir = "/run";
    c.console_log = "/log/console.log";
    c.results = "/log/results";
    c.tsc_khz = 2596000;
    const auto text =
        harness::read_file(std::string(SOURCE_DIR "/../vm-images/machines/") + machine + ".json");
    c.machine = harness::parse_machine(machine, text.value_or("")).value_or(harness::Machine());
    return c;
}

void expect_golden(const std::string &name, const QemuConfig &c)
{
    std::string lines;
    for (const auto &arg : harness::build_qemu_args(c))
        lines += arg + "\n";
    const std::string path = std::string(SOURCE_DIR "/harness_tests/golden/") + name + ".txt";
    if (std::getenv("ACCEPT_GOLDEN")) {
        ASSERT_TRUE(harness::write_file(path, lines));
    }
    EXPECT_EQ(lines, harness::read_file(path).value_or("(no golden file)")) << path;
}

TEST(QemuArgs, Gdb)
{
    auto c = config("flat");
    c.gdb_port = 1234;
    expect_golden("flat-gdb", c);
}

TEST(QemuArgs, Pmem)
{
    expect_golden("pmem", config("pmem"));
}

TEST(QemuArgs, HostServices)
{
    auto c = config("spr");
    c.host_services = true;
    expect_golden("spr-host-services", c);
}

TEST(QemuArgs, VirtualTime)
{
    auto c = config("cxl");
    c.mode = Mode::virtual_time;
    expect_golden("cxl-virtual-time", c);
}

TEST(QemuArgs, ThreeTiersWithEverything)
{
    auto c = config("three-tier");
    c.shares = {{"share0", "/out,put"}};
    c.monitor = "/m";
    c.append = "kunit.enable=1";
    expect_golden("three-tier-all", c);
}

TEST(QemuArgs, FlatAndNoPebs)
{
    expect_golden("flat", config("flat"));
    expect_golden("no-pebs", config("no-pebs"));
}

TEST(QemuArgs, Alone)
{
    auto c = config("pmem");
    c.mode = Mode::virtual_time;
    c.alone = "perf-work uniform";
    expect_golden("pmem-alone", c);
}

// Saved once it has booted, and gone on with: told its job on a port of its own.
TEST(QemuArgs, Snapshot)
{
    auto c = config("pmem");
    c.waits = true;
    c.incoming = "/snapshots/memory";
    expect_golden("pmem-snapshot", c);
}

TEST(QemuArgs, Kvm)
{
    auto c = config("pmem");
    c.mode = Mode::kvm;
    expect_golden("pmem-kvm", c);
}

TEST(QemuArgs, ShellLineIsQuoted)
{
    EXPECT_EQ(harness::shell_line({"a", "b c", "it's", "", "x=1,y"}),
              "a 'b c' 'it'\\''s' '' x=1,y");
}

}  // namespace
