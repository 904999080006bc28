// SPDX-License-Identifier: GPL-2.0-or-later
// The performance monitoring unit as the manual describes it (Intel SDM volumes 3B and 4):
// architectural version 5 with 8 general and 3 fixed counters of 48 bits.
#pragma once

#include <stdint.h>

#include "rt/safe.h"
#include "rt/user.h"
#include "rt/x86.h"

namespace pmu {

using rt::bit;

enum Msr : uint32_t {
    kApicBase = 0x1b,
    kPmc = 0xc1,
    kPerfEvtSel = 0x186,
    kMiscEnable = 0x1a0,
    kOffcoreRsp0 = 0x1a6,
    kOffcoreRsp1 = 0x1a7,
    kLbrTos = 0x1c9,
    kDebugCtl = 0x1d9,
    kFixedCtr = 0x309,
    kPerfCapabilities = 0x345,
    kFixedCtrCtrl = 0x38d,
    kGlobalStatus = 0x38e,
    kGlobalCtrl = 0x38f,
    kGlobalStatusReset = 0x390,
    kGlobalStatusSet = 0x391,
    kGlobalInUse = 0x392,
    kPebsEnable = 0x3f1,
    kPebsDataCfg = 0x3f2,
    kPebsLdLat = 0x3f6,
    kPebsFrontend = 0x3f7,
    kFullWidthPmc = 0x4c1,
    kDsArea = 0x600,
};

constexpr unsigned kGeneral = 8;
constexpr unsigned kFixed = 3;
constexpr uint64_t kCounterMask = bit(48) - 1;
constexpr uint64_t kGeneralBits = bit(kGeneral) - 1;
constexpr uint64_t kFixedBits = (bit(kFixed) - 1) << 32;
constexpr uint64_t kCounterBits = kGeneralBits | kFixedBits;

// IA32_PERF_GLOBAL_STATUS
constexpr uint64_t kFrozen = bit(59);
constexpr uint64_t kDsOverflow = bit(62);

// IA32_DEBUGCTL
constexpr uint64_t kFreezeOnPmi = bit(12);

// IA32_PERFEVTSELx
constexpr uint64_t kUsr = bit(16);
constexpr uint64_t kOs = bit(17);
constexpr uint64_t kEdge = bit(18);
constexpr uint64_t kPinControl = bit(19);
constexpr uint64_t kInt = bit(20);
constexpr uint64_t kAny = bit(21);
constexpr uint64_t kEnable = bit(22);
constexpr uint64_t kInvert = bit(23);
constexpr uint64_t kAdaptive = bit(34);
constexpr uint64_t counter_mask(uint64_t n)
{
    return n << 24;
}

// Event and unit mask.
enum Event : uint64_t {
    kInstructions = 0x00c0,
    kCycles = 0x003c,
    kReferenceCycles = 0x013c,
    kLlcReferences = 0x4f2e,
    kLlcMisses = 0x412e,
    kBranches = 0x00c4,
    kBranchMisses = 0x00c5,
    kAllLoads = 0x81d0,
    kAllStores = 0x82d0,
    kLoadLatency = 0x01cd,
    kL1Hit = 0x01d1,
    kL1Miss = 0x08d1,
    kL3Hit = 0x04d1,
    kL3Miss = 0x20d1,
    kLocalDram = 0x01d3,
    kRemoteDram = 0x02d3,
};

// IA32_FIXED_CTR_CTRL, for counter n
constexpr uint64_t fixed_ctrl(unsigned n, uint64_t bits)
{
    return bits << 4 * n;
}
constexpr uint64_t kFixedOs = 1, kFixedUsr = 2, kFixedPmi = 8;
constexpr uint64_t fixed_adaptive(unsigned n)
{
    return bit(32 + 4 * n);
}

constexpr uint64_t fixed_bit(unsigned n)
{
    return bit(32 + n);
}

// Sets counter n; it counts once IA32_PERF_GLOBAL_CTRL allows it.
void select(unsigned n, uint64_t event, uint64_t flags = kOs, uint64_t value = 0);
void select_fixed(unsigned n, uint64_t bits = kFixedOs, uint64_t value = 0);
void set_counter(unsigned n, uint64_t value);

inline uint64_t counter(unsigned n)
{
    return rt::rdmsr(kPmc + n);
}
inline uint64_t fixed_counter(unsigned n)
{
    return rt::rdmsr(kFixedCtr + n);
}
inline uint64_t status()
{
    return rt::rdmsr(kGlobalStatus);
}
inline void clear_status()
{
    rt::wrmsr(kGlobalStatusReset, kCounterBits | kFrozen | bit(58) | kDsOverflow | bit(63));
}

// So that counter n overflows at the given number of events.
constexpr uint64_t before_overflow(uint64_t events)
{
    return -events & kCounterMask;
}

// Nothing counts, nothing is set, LVTPC is masked: as after reset, but for IA32_PERF_GLOBAL_CTRL.
void reset();

// Registers as a CPU finds them when it starts: pmu::kStartRegisters, in that order.
constexpr unsigned kStartRegisters = 12;
extern const uint32_t start_register[kStartRegisters];
void note_start(uint64_t *values);

// Runs the snippet with these counters on (run_counted() in rt/entry.S). Between the two WRMSRs
// are, beyond the snippet's own instructions:
constexpr uint64_t kAroundInstructions = 5;
constexpr uint64_t kAroundStores = 1;  // CALL
constexpr uint64_t kAroundBranches = 1;
void run(uint64_t ctrl, rt::Snippet snippet, const void *argument = nullptr);
inline void run(uint64_t ctrl, rt::Snippet snippet, uint64_t argument)
{
    run(ctrl, snippet, reinterpret_cast<const void *>(argument));
}

}  // namespace pmu

// rdi times: DEC and JNZ; with MOV and RET, 2 n + 2 instructions and n + 1 branches.
extern "C" void loop(void *n);
constexpr uint64_t loop_instructions(uint64_t n)
{
    return 2 * n + 2;
}
extern "C" void nothing(void *);  // RET
