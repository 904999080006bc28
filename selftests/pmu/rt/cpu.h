// SPDX-License-Identifier: GPL-2.0-or-later
// The processors: what each has of its own, and how to have something run on them.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace rt {

constexpr unsigned kMostCpus = 8;

enum Vector : uint8_t {
    kDebugException = 1,
    kNmi = 2,
    kUndefined = 6,
    kDoubleFault = 8,
    kGeneralProtection = 13,
    kPageFault = 14,
    kUserExit = 0x80,
    kPmiVector = 0xe0,
    kWakeVector = 0xf0,
    kSpurious = 0xff,
};

// What entry.S saves.
struct Frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;

    bool user() const { return cs & 3; }
};

// An exception that was expected, or the end of a stay in ring 3.
struct Fault {
    uint64_t vector, error, cr2, rip;
};

using Handler = void (*)(Frame &frame, void *context);

struct [[gnu::packed]] Tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map;
};

struct Cpu {
    Cpu *self;  // gs:0
    unsigned index;
    uint32_t apic_id;
    bool x2apic;
    volatile bool online;

    uint64_t saved_rsp;  // of the kernel while in ring 3
    Fault user_end;
    Fault fault;

    struct {
        Handler handler;
        void *context;
    } handlers[256];

    // What the PMU's registers had when this CPU came here (pmu::note_start()).
    uint64_t at_start[16];

    void (*volatile work)();
    volatile unsigned wakes;
    volatile bool waits;  // in meet()
    Tss tss;
    uint64_t gdt[8];
    alignas(16) uint8_t entry_stack[16384];
    alignas(16) uint8_t nmi_stack[16384];
    alignas(16) uint8_t fault_stack[4096];
};

inline Cpu &cpu()
{
    Cpu *self;
    asm volatile("mov %%gs:0, %0" : "=r"(self));
    return *self;
}

Cpu &cpu_of(unsigned index);
unsigned cpu_count();
inline bool on_boot_cpu()
{
    return cpu().index == 0;
}

// Handlers of this CPU only. The old one comes back with the guard's end.
class HandlerGuard {
public:
    HandlerGuard(uint8_t vector, Handler handler, void *context);
    ~HandlerGuard();
    HandlerGuard(const HandlerGuard &) = delete;
    HandlerGuard &operator=(const HandlerGuard &) = delete;

private:
    uint8_t vector_;
    Handler old_;
    void *old_context_;
};

// Runs work on one CPU, or on all at the same time, and waits for its end. For the boot CPU.
void run_on(unsigned index, void (*work)());
void run_on_all(void (*work)());

// All CPUs that take part in run_on_all() meet here; one CPU alone goes on at once. Interrupts are
// on while one waits.
void meet();
bool all_at_once();

// Sends INIT and start-up IPIs to one processor, or to all others; waits for arrivals.
void start_cpus(unsigned expected);
void restart_cpu(unsigned index);
// A processor that was added to the machine; its index.
unsigned start_new_cpu(uint32_t apic_id);

}  // namespace rt
