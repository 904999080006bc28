// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/cpu.h"

#include "pmu.h"
#include "rt/apic.h"
#include "rt/descriptors.h"
#include "rt/lock.h"
#include "rt/memory.h"
#include "rt/options.h"
#include "rt/persist.h"
#include "rt/print.h"
#include "rt/test.h"
#include "rt/x86.h"

extern "C" {
extern uint32_t start_info;
extern char trampoline_start[], trampoline_end[];
void cpu_main(unsigned arrival);
}

namespace rt {

namespace {

constexpr uint64_t kTrampoline = 0x8000;
constexpr unsigned kMostArrivals = 16;

Cpu cpus[kMostCpus];
unsigned count = 0;
Lock arriving;

unsigned participants = 1;  // in run_on_all()

// The same processor again after an INIT, or a new one.
Cpu &arrive(uint32_t apic_id)
{
    const LockGuard guard(arriving);
    for (unsigned i = 0; i < count; i++)
        if (cpus[i].apic_id == apic_id)
            return cpus[i];
    if (count == kMostCpus)
        panic(text("more than ", kMostCpus, " processors"));
    Cpu &c = cpus[count];
    c.self = &c;
    c.index = count++;
    c.apic_id = apic_id;
    return c;
}

// Only the boot CPU sends wakes, and each is waited for: none comes in the middle of a test, where
// it would be counted. So the boot CPU itself has to poll.
void wake(const Cpu &c)
{
    send_ipi(c.apic_id, kWakeVector);
}

void sleep_until_wake()
{
    volatile unsigned &wakes = cpu().wakes;
    while (!wakes)
        sleep_until_interrupt();
    wakes = wakes - 1;
}

[[noreturn]] void idle()
{
    Cpu &self = cpu();
    self.online = true;
    for (;;) {
        sleep_until_wake();
        self.work();
        self.work = nullptr;
    }
}

void start(Cpu &c, void (*work)())
{
    c.work = work;
    wake(c);
}

void wait_for_end(const Cpu &c)
{
    while (c.work)
        pause();
}

void wait_until_online(unsigned expected)
{
    const auto online = [] {
        unsigned n = 0;
        for (const auto &c : cpus)
            n += c.online;
        return n;
    };
    while (online() < expected)
        pause();
}

}  // namespace

Cpu &cpu_of(unsigned index)
{
    return cpus[index];
}

unsigned cpu_count()
{
    return count;
}

HandlerGuard::HandlerGuard(uint8_t vector, Handler handler, void *context) : vector_(vector)
{
    auto &slot = cpu().handlers[vector];
    old_ = slot.handler;
    old_context_ = slot.context;
    slot = {handler, context};
}

HandlerGuard::~HandlerGuard()
{
    cpu().handlers[vector_] = {old_, old_context_};
}

void run_on(unsigned index, void (*work)())
{
    if (index == cpu().index)
        return work();
    start(cpus[index], work);
    wait_for_end(cpus[index]);
}

void run_on_all(void (*work)())
{
    participants = count;
    for (unsigned i = 0; i < count; i++)
        if (i != cpu().index)
            start(cpus[i], work);
    work();
    for (unsigned i = 0; i < count; i++)
        if (i != cpu().index)
            wait_for_end(cpus[i]);
    participants = 1;
}

bool all_at_once()
{
    return participants > 1;
}

void meet()
{
    if (!all_at_once())
        return;
    if (!on_boot_cpu()) {
        cpu().waits = true;
        return sleep_until_wake();
    }
    for (unsigned i = 1; i < count; i++)
        while (!cpus[i].waits)
            pause();
    for (unsigned i = 1; i < count; i++) {
        cpus[i].waits = false;
        wake(cpus[i]);
    }
}

void start_cpus(unsigned expected)
{
    __builtin_memcpy(reinterpret_cast<void *>(kTrampoline), trampoline_start,
                     static_cast<size_t>(trampoline_end - trampoline_start));
    send_init_to_others();
    send_startup_to_others(kTrampoline >> 12);
    wait_until_online(expected);
}

void restart_cpu(unsigned index)
{
    Cpu &c = cpus[index];
    c.online = false;
    send_init(c.apic_id);
    send_startup(c.apic_id, kTrampoline >> 12);
    while (!c.online)
        pause();
}

unsigned start_new_cpu(uint32_t apic_id)
{
    const unsigned before = count;
    while (__atomic_load_n(&count, __ATOMIC_ACQUIRE) == before) {
        send_init(apic_id);
        send_startup(apic_id, kTrampoline >> 12);
        // It may not be there yet: ask again after a while.
        const uint64_t start = rdtsc();
        while (count == before && rdtsc() - start < 100'000'000)
            pause();
    }
    while (!cpus[before].online)
        pause();
    return before;
}

}  // namespace rt

// Every processor comes here on its boot stack, once, and once more after each INIT.
void cpu_main(unsigned arrival)
{
    using namespace rt;
    if (arrival >= kMostArrivals)
        panic(text("more than ", kMostArrivals, " starts of processors"));
    if (arrival == 0) {
        parse_options(start_info);
        note_restart();
    }
    Cpu &self = arrive(initial_apic_id());
    load_descriptors(self);
    pmu::note_start(self.at_start);
    set_up_memory_protection();
    enable_apic();
    if (arrival != 0)
        idle();
    self.online = true;
    set_up_memory();
    start_cpus(options().vcpus);
    run_tests();
}
