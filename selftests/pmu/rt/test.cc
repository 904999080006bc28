// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/test.h"

#include "rt/cpu.h"
#include "rt/memory.h"
#include "rt/options.h"
#include "rt/persist.h"
#include "rt/x86.h"

#include "pmu.h"

extern "C" {
extern const rt::Test *const __tests_start[], *const __tests_end[];
}

namespace rt {

namespace {

constexpr unsigned kMostComplaints = 12;

const Test *running;

bool cpu_has_pmu()
{
    return cpuid(0xa).eax & 0xff;
}

unsigned complaints;

bool wanted(const Test &t)
{
    const Options &o = options();
    if (!equal(t.group, o.group))
        return false;
    if (t.time != Time::any && (t.time == Time::virtual_) != o.virtual_time)
        return false;
    return begins_with(text(t.suite, ".", t.name).text(), o.test);
}

// What a test has left behind in the CPU must not help or hurt the next one.
void run_here()
{
    write_cr3(kernel_table());
    // General counters are enabled after power-up.
    if (cpu_has_pmu())
        pmu::reset();
    meet();
    running->run();
    meet();
    if (cpu_has_pmu())
        pmu::reset();
}

void run(const Test &t)
{
    running = &t;
    const unsigned cpus = t.where == Where::once ? 1 : cpu_count();
    for (unsigned i = 0; i < cpus; i++) {
        forget_pages();
        run_on(i, run_here);
    }
    if (t.where == Where::everywhere && cpus > 1) {
        forget_pages();
        run_on_all(run_here);
    }
}

}  // namespace

bool check(bool good, const char *file, int line, const Text &what)
{
    if (good)
        return true;
    const unsigned n = __atomic_fetch_add(&complaints, 1, __ATOMIC_RELAXED);
    if (n < kMostComplaints)
        result_line(text("# cpu ", cpu().index, all_at_once() ? " (all at once): " : ": ", file,
                         ":", line, ": ", what));
    return false;
}

void run_tests()
{
    unsigned planned = 0, number = 0, &failed = progress().failed;
    for (auto t = __tests_start; t < __tests_end; t++)
        planned += wanted(**t);
    if (!restarts()) {
        result_line(text("KTAP version 1"));
        result_line(text("1..", planned));
    }
    for (auto t = __tests_start; t < __tests_end; t++) {
        if (!wanted(**t))
            continue;
        if (number < progress().done) {  // before a restart
            number++;
            continue;
        }
        const Text name = text((*t)->suite, ".", (*t)->name);
        result_line(text("# run ", name));
        complaints = 0;
        run(**t);
        failed += complaints != 0;
        result_line(text(complaints ? "not ok " : "ok ", ++number, " ", name));
        progress().done = number;
    }
    power_off(planned && !failed ? End::passed : End::failed);
}

}  // namespace rt
