// SPDX-License-Identifier: GPL-2.0-or-later
#include "pmi.h"

#include "rt/memory.h"

namespace pmu {

using namespace rt;

namespace {

uint32_t entry_of(Delivery delivery)
{
    return delivery == Delivery::nmi ? kLvtNmi : uint32_t{kPmiVector};
}

}  // namespace

PmiWatch::PmiWatch(Delivery delivery)
    : delivery_(delivery), guard_(delivery == Delivery::nmi ? kNmi : kPmiVector, handle, this)
{
    unmask();
}

PmiWatch::~PmiWatch()
{
    wrmsr(kGlobalCtrl, 0);
    apic_write(kApicLvtPerf, kLvtMasked);
}

void PmiWatch::unmask()
{
    apic_write(kApicLvtPerf, entry_of(delivery_));
}

void PmiWatch::handle(Frame &frame, void *self)
{
    static_cast<PmiWatch *>(self)->handle(frame);
}

void PmiWatch::handle(const Frame &frame)
{
    const uint64_t ctrl = rdmsr(kGlobalCtrl);
    if (stop)
        wrmsr(kGlobalCtrl, 0);
    const uint64_t seen = pmu::status();
    if (count++ == 0) {
        rip = frame.rip;
        user = frame.user();
        masked = apic_read(kApicLvtPerf) & kLvtMasked;
        status = seen;
        counter0 = counter(0);
        control = ctrl;
    }
    if (period)
        set_counter(0, (counter(0) - period) & kCounterMask);
    if (acknowledge) {
        wrmsr(kGlobalStatusReset, seen);
        unmask();
    }
    if (delivery_ == Delivery::vector)
        end_of_interrupt();
}

void run_with_interrupts(uint64_t ctrl, Snippet snippet, uint64_t argument)
{
    enable_interrupts();
    run(ctrl, snippet, argument);
    disable_interrupts();
}

bool within(uint64_t rip, Snippet snippet, uint64_t bytes)
{
    const auto kernel = reinterpret_cast<uint64_t>(snippet);
    const auto user = for_user(reinterpret_cast<const void *>(snippet));
    return (rip >= kernel && rip < kernel + bytes) || (rip >= user && rip < user + bytes);
}

}  // namespace pmu
