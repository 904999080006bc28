// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kvm.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace harness {

namespace {

constexpr uint32_t kMsrPerfCapabilities = 0x345;
constexpr uint32_t kMsrLoadLatency = 0x3f6;
constexpr uint64_t kPebsFormatMask = 0xf00;
constexpr uint64_t kPebsFormat4 = 0x400;
constexpr uint64_t kPebsBaseline = 1 << 14;

constexpr char kHint[] = "run without --kvm: emulation needs nothing from the host";

uint64_t guest_perf_capabilities(int kvm)
{
    alignas(kvm_msrs) char request[sizeof(kvm_msrs) + sizeof(kvm_msr_entry)] = {};
    auto *msrs = reinterpret_cast<kvm_msrs *>(request);
    msrs->nmsrs = 1;
    msrs->entries[0].index = kMsrPerfCapabilities;
    return ioctl(kvm, KVM_GET_MSRS, msrs) == 1 ? msrs->entries[0].data : 0;
}

bool guest_has_msr(int kvm, uint32_t msr)
{
    kvm_msr_list count = {};
    ioctl(kvm, KVM_GET_MSR_INDEX_LIST, &count);  // fails with E2BIG and tells the number
    std::vector<uint32_t> raw(1 + count.nmsrs);
    raw[0] = count.nmsrs;
    if (ioctl(kvm, KVM_GET_MSR_INDEX_LIST, raw.data()) != 0)
        return false;
    return std::find(raw.begin() + 1, raw.end(), msr) != raw.end();
}

}  // namespace

Result<void> judge_kvm(uint64_t perf_capabilities, bool has_load_latency)
{
    const auto refuse = [](const char *why) { return fail("use", "/dev/kvm", why, kHint); };
    if (perf_capabilities == 0)
        return refuse("this host's KVM gives guests no performance capabilities");
    if ((perf_capabilities & kPebsFormatMask) < kPebsFormat4)
        return refuse("this host's KVM gives guests no PEBS of format 4 or later");
    if (!(perf_capabilities & kPebsBaseline))
        return refuse("this host's KVM hides adaptive PEBS from guests");
    if (!has_load_latency)
        return refuse("this host's KVM hides the load-latency threshold register from guests");
    return {};
}

Result<void> kvm_gives_pebs()
{
    const int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (kvm < 0)
        return fail_errno("use", "/dev/kvm", kHint);
    auto verdict = judge_kvm(guest_perf_capabilities(kvm), guest_has_msr(kvm, kMsrLoadLatency));
    close(kvm);
    return verdict;
}

}  // namespace harness
