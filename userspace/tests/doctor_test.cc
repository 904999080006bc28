// SPDX-License-Identifier: GPL-2.0-or-later
// The doctor on captured guests, and on copies of them with one thing broken.
#include <gtest/gtest.h>

#include "sluice/doctor.h"
#include "sluice/hardware.h"
#include "sluice/kernel_log.h"
#include "tests/captured_tree.h"

#include <filesystem>
#include <set>
#include <string>

namespace sluice {
namespace {

Verdict verdict_of(const Diagnosis &diagnosis, const char *id)
{
    const Check *check = diagnosis.find(id);
    EXPECT_NE(check, nullptr) << id;
    return check ? check->verdict : Verdict::unknown;
}

// Each "no" says what to do.
void expect_only_missing(const Diagnosis &diagnosis, const std::set<std::string> &expected)
{
    std::set<std::string> missing;
    for (const Check *check : diagnosis.missing()) {
        missing.insert(check->id);
        EXPECT_FALSE(check->fix.empty()) << check->id;
        EXPECT_FALSE(check->reason.empty()) << check->id;
    }
    EXPECT_EQ(missing, expected);
}

TEST(Doctor, GoodGuestHasAll)
{
    const Diagnosis diagnosis = diagnose(Sysroot(FIXTURES "/guest-pmem"));
    expect_only_missing(diagnosis, {});
    EXPECT_EQ(verdict_of(diagnosis, "enabled"), Verdict::yes);
    EXPECT_EQ(verdict_of(diagnosis, "samples"), Verdict::yes);
    EXPECT_EQ(verdict_of(diagnosis, "numa-balancing"), Verdict::yes);
    EXPECT_NE(diagnosis.find("memory-tiers")->reason.find("learnt from ACPI HMAT"),
              std::string::npos);
    EXPECT_NE(diagnosis.find("memory-nodes")->reason.find("177 ns"), std::string::npos)
        << diagnosis.find("memory-nodes")->reason;
}

TEST(Doctor, FlatGuestLacksTiers)
{
    const Diagnosis diagnosis = diagnose(Sysroot(FIXTURES "/guest-flat"));
    expect_only_missing(diagnosis, {"memory-nodes", "memory-tiers"});
    EXPECT_NE(diagnosis.find("enabled")->reason.find("one memory tier only"), std::string::npos)
        << diagnosis.find("enabled")->reason;
}

TEST(Doctor, GuestWithoutPmuLacksPebs)
{
    const Diagnosis diagnosis = diagnose(Sysroot(FIXTURES "/guest-no-pebs"));
    expect_only_missing(diagnosis, {"pmu", "pebs", "adaptive-pebs", "load-latency"});
    EXPECT_NE(diagnosis.find("enabled")->reason.find("no PEBS"), std::string::npos)
        << diagnosis.find("enabled")->reason;
    EXPECT_EQ(verdict_of(diagnosis, "host"), Verdict::no);
}

TEST(Doctor, NothingAtAllIsNotGood)
{
    const Diagnosis diagnosis = diagnose(Sysroot("/nowhere"));
    EXPECT_EQ(diagnosis.missing().size(), 8u);
}

struct Breakage {
    const char *name;
    const char *file;
    const char *text;  // nullptr: the file goes
    const char *id;    // the check that must notice
    Verdict verdict;
};

class DoctorBroken : public testing::TestWithParam<Breakage> {};

TEST_P(DoctorBroken, IsNoticed)
{
    const Breakage &broken = GetParam();
    const TreeCopy tree("guest-pmem");
    ASSERT_EQ(verdict_of(diagnose(tree.root()), broken.id), Verdict::yes) << "before";
    if (broken.text)
        tree.put(broken.file, broken.text);
    else
        tree.remove(broken.file);
    const Diagnosis diagnosis = diagnose(tree.root());
    EXPECT_EQ(verdict_of(diagnosis, broken.id), broken.verdict);
    EXPECT_FALSE(diagnosis.find(broken.id)->fix.empty());
}

const Breakage breakages[] = {
    {"Amd", "/proc/cpuinfo", "vendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t: 1\n", "cpu",
     Verdict::no},
    {"NoCpuinfo", "/proc/cpuinfo", nullptr, "cpu", Verdict::unknown},
    {"OldVersion", "/dev/kmsg",
     "6,1,1,-;Performance Events: PEBS fmt4+-baseline, x\n6,1,1,-;... version:                2\n",
     "pmu", Verdict::no},
    {"Hybrid", "/sys/bus/event_source/devices/cpu_core/type", "4\n", "pmu", Verdict::no},
    {"LogGone", "/dev/kmsg", "6,1,1,-;something else\n", "pebs", Verdict::unknown},
    {"OldFormat", "/dev/kmsg", "6,1,1,-;Performance Events: PEBS fmt3+, Skylake events\n", "pebs",
     Verdict::no},
    {"NotAdaptive", "/dev/kmsg", "6,1,1,-;Performance Events: PEBS fmt4+, Icelake events\n",
     "adaptive-pebs", Verdict::no},
    {"NoPebs", "/sys/bus/event_source/devices/cpu/events/mem-loads", nullptr, "pebs", Verdict::no},
    {"NoLatency", "/sys/bus/event_source/devices/cpu/format/ldlat", nullptr, "load-latency",
     Verdict::no},
    {"NoSluice", "/proc/sys/vm/sluice", nullptr, "kernel", Verdict::no},
    {"OlderSluice", "/proc/sys/vm/sluice/relocate_mbps", nullptr, "kernel", Verdict::no},
    {"Off", "/proc/sys/vm/sluice/enabled", "0\n", "enabled", Verdict::no},
    {"NothingCounted", "/proc/vmstat", "sluice_records 0\n", "samples", Verdict::no},
    {"NothingManaged", "/proc/vmstat", "sluice_records 5\nsluice_drop_unmanaged 5\n", "samples",
     Verdict::no},
    {"ThresholdTooHigh", "/proc/sys/vm/sluice/load_latency_cycles", "150\n", "threshold",
     Verdict::no},
    {"NoClock", "/proc/cpuinfo", "vendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t: 106\n",
     "threshold", Verdict::unknown},
    {"NoLatencies", "/sys/devices/system/node/node0/access0", nullptr, "threshold",
     Verdict::unknown},
    {"NoLog", "/dev/kmsg", nullptr, "permissions", Verdict::no},
    {"OneNode", "/sys/devices/system/node/node1", nullptr, "memory-nodes", Verdict::no},
    {"OneTier", "/sys/devices/virtual/memory_tiering", nullptr, "memory-tiers", Verdict::no},
    {"Full", "/proc/zoneinfo", "Node 0, zone   Normal\n        min      99999999\n", "free-memory",
     Verdict::no},
    {"NeverHuge", "/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n",
     "huge-pages", Verdict::no},
    {"Watchdog", "/proc/sys/kernel/nmi_watchdog", "1\n", "nmi-watchdog", Verdict::no},
    {"NumaBalancing", "/proc/sys/kernel/numa_balancing", "2\n", "numa-balancing", Verdict::no},
    {"Demotion", "/sys/kernel/mm/numa/demotion_enabled", "true\n", "demotion", Verdict::no},
};

INSTANTIATE_TEST_SUITE_P(All, DoctorBroken, testing::ValuesIn(breakages),
                         [](const auto &info) { return std::string(info.param.name); });

// Sapphire Rapids: the kernel gives the event its companion.
TEST(Doctor, AnAuxiliaryEventIsNoObstacle)
{
    const TreeCopy tree("guest-pmem");
    tree.put("/sys/bus/event_source/devices/cpu/events/mem-loads-aux", "event=0x03\n");
    EXPECT_TRUE(read_pmu(tree.root(), {}).needs_auxiliary);
    expect_only_missing(diagnose(tree.root()), {});
}

TEST(Doctor, SeesDamon)
{
    const TreeCopy tree("guest-pmem");
    tree.put("/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "2\n");
    tree.put("/sys/kernel/mm/damon/admin/kdamonds/0/state", "off\n");
    EXPECT_EQ(verdict_of(diagnose(tree.root()), "damon"), Verdict::yes);
    tree.put("/sys/kernel/mm/damon/admin/kdamonds/1/state", "on\n");
    EXPECT_EQ(verdict_of(diagnose(tree.root()), "damon"), Verdict::no);
}

TEST(Doctor, SeesTheTraceEvents)
{
    const TreeCopy tree("guest-pmem");
    std::filesystem::remove_all(tree.path() + "/sys/kernel/tracing");
    EXPECT_EQ(verdict_of(diagnose(tree.root()), "recording"), Verdict::unknown);
    tree.put("/sys/kernel/tracing/events/enable", "0\n");
    EXPECT_EQ(verdict_of(diagnose(tree.root()), "recording"), Verdict::no);
    tree.put("/sys/kernel/tracing/events/sluice/enable", "0\n");
    EXPECT_EQ(verdict_of(diagnose(tree.root()), "recording"), Verdict::yes);
}

// The devices of the msr and cpuid modules know what the log has forgotten.
TEST(Doctor, ReadsRegistersWhereTheLogIsGone)
{
    const TreeCopy tree("guest-pmem");
    tree.put("/dev/kmsg", "6,1,1,-;nothing\n");
    std::string msr(0x345, '\0'), cpuid(0xa, '\0');
    msr += std::string("\xc0\x64\0\0\0\0\0\0", 8);
    cpuid += std::string("\x05\x08\x30\x08\0\0\0\0", 8);
    tree.put("/dev/cpu/0/msr", msr);
    tree.put("/dev/cpu/0/cpuid", cpuid);
    const Pmu pmu = read_pmu(tree.root(), {});
    EXPECT_EQ(pmu.pebs_format, 4u);
    EXPECT_EQ(pmu.adaptive, true);
    EXPECT_EQ(pmu.version, 5u);
    expect_only_missing(diagnose(tree.root()), {});
}

TEST(Hardware, Cpuinfo)
{
    const auto parsed = parse_cpuinfo(
        "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 106\n"
        "model name\t: Some Xeon\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\nmodel\t: 7\n");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->model, 106u);
    EXPECT_EQ(parsed->name, "Some Xeon");
    EXPECT_TRUE(parsed->has("hypervisor"));
    EXPECT_FALSE(parsed->has("hyper"));
    EXPECT_FALSE(parse_cpuinfo("Features : fp asimd\n"));
}

TEST(KernelLog, DetailsAndHeadersAreNoMessages)
{
    const auto log = parse_kmsg("6,1,2,-;one; two\n SUBSYSTEM=net\nno header\n4,3,4,-;sluice: x\n");
    EXPECT_EQ(log, (std::vector<std::string>{"one; two", "sluice: x"}));
    EXPECT_EQ(last_message(log, "sluice: "), "x");
    EXPECT_EQ(last_message(log, "other: "), "");
}

}  // namespace
}  // namespace sluice
