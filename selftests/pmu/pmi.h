// SPDX-License-Identifier: GPL-2.0-or-later
// Performance monitoring interrupts of this CPU, while one of these exists.
#pragma once

#include "pmu.h"
#include "rt/apic.h"
#include "rt/cpu.h"

namespace pmu {

enum class Delivery { vector, nmi };

class PmiWatch {
public:
    explicit PmiWatch(Delivery delivery = Delivery::vector);
    ~PmiWatch();
    PmiWatch(const PmiWatch &) = delete;
    PmiWatch &operator=(const PmiWatch &) = delete;

    void unmask();

    unsigned count = 0;
    // Of the first one, as the handler found it:
    uint64_t rip = 0;
    bool user = false;
    bool masked = false;  // LVTPC
    uint64_t status = 0;
    uint64_t counter0 = 0;
    uint64_t control = 0;

    // What the handler shall do:
    bool stop = true;          // disables all counters
    bool acknowledge = false;  // clears the status it saw, and unmasks LVTPC
    uint64_t period = 0;       // counter 0 gets what it has, less this

private:
    static void handle(rt::Frame &frame, void *self);
    void handle(const rt::Frame &frame);

    Delivery delivery_;
    rt::HandlerGuard guard_;
};

// Interrupts are on while the counters are.
void run_with_interrupts(uint64_t ctrl, rt::Snippet snippet, uint64_t argument);

// The address is in this snippet of so many bytes, seen from the kernel or from ring 3.
bool within(uint64_t rip, rt::Snippet snippet, uint64_t bytes);

}  // namespace pmu
