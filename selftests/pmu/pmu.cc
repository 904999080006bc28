// SPDX-License-Identifier: GPL-2.0-or-later
#include "pmu.h"

#include "rt/apic.h"

extern "C" void run_counted(uint64_t ctrl, rt::Snippet snippet, const void *argument);

SNIPPET(loop, R"(
    mov %rdi, %rcx
1:  dec %rcx
    jnz 1b
    ret
)");

SNIPPET(nothing, "ret");

namespace pmu {

using rt::wrmsr;

void select(unsigned n, uint64_t event, uint64_t flags, uint64_t value)
{
    wrmsr(kPerfEvtSel + n, 0);
    set_counter(n, value);
    wrmsr(kPerfEvtSel + n, event | flags | kEnable);
}

void select_fixed(unsigned n, uint64_t bits, uint64_t value)
{
    const uint64_t others = rt::rdmsr(kFixedCtrCtrl) & ~(fixed_ctrl(n, 15) | fixed_adaptive(n));
    wrmsr(kFixedCtrCtrl, others);
    wrmsr(kFixedCtr + n, value);
    wrmsr(kFixedCtrCtrl, others | fixed_ctrl(n, bits));
}

void set_counter(unsigned n, uint64_t value)
{
    wrmsr(kFullWidthPmc + n, value);
}

void reset()
{
    wrmsr(kGlobalCtrl, 0);
    wrmsr(kPebsEnable, 0);
    wrmsr(kDebugCtl, 0);
    wrmsr(kFixedCtrCtrl, 0);
    for (unsigned n = 0; n < kGeneral; n++) {
        wrmsr(kPerfEvtSel + n, 0);
        set_counter(n, 0);
    }
    for (unsigned n = 0; n < kFixed; n++)
        wrmsr(kFixedCtr + n, 0);
    wrmsr(kPebsDataCfg, 0);
    wrmsr(kPebsLdLat, 0);
    wrmsr(kDsArea, 0);
    clear_status();
    rt::apic_write(rt::kApicLvtPerf, rt::kLvtMasked);
}

const uint32_t start_register[kStartRegisters] = {
    kGlobalCtrl, kGlobalStatus, kFixedCtrCtrl, kPerfEvtSel,  kPerfEvtSel + 7, kPmc,
    kPmc + 7,    kFixedCtr,     kPebsEnable,   kPebsDataCfg, kPebsLdLat,      kDsArea};

void note_start(uint64_t *values)
{
    for (unsigned i = 0; i < kStartRegisters; i++)
        values[i] = rt::rdmsr(start_register[i]);
}

void run(uint64_t ctrl, rt::Snippet snippet, const void *argument)
{
    run_counted(ctrl, snippet, argument);
}

}  // namespace pmu
