// SPDX-License-Identifier: GPL-2.0-or-later
// A perf event of this thread, user mode only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <linux/perf_event.h>

namespace guest {

class PerfEvent {
public:
    static PerfEvent counter(uint32_t type, uint64_t config);

    // Loads of at least so many cycles; one record of address and weight every period.
    // many: the CPU may collect them and interrupt seldom; one: it interrupts for each.
    enum class AtATime { many, one };
    static PerfEvent load_latency(uint64_t cycles, uint64_t period,
                                  AtATime at_a_time = AtATime::many);

    // Counts on this CPU whoever runs there, and needs a counter of its own all the time.
    static PerfEvent pinned_on_cpu(uint32_t type, uint64_t config, int cpu);

    // Instructions in the kernel, interrupts included: of this thread, or whoever runs on a CPU.
    static PerfEvent kernel_instructions(int cpu = -1);

    PerfEvent(PerfEvent &&other) noexcept;
    PerfEvent(const PerfEvent &) = delete;
    PerfEvent &operator=(const PerfEvent &) = delete;
    ~PerfEvent();

    int error() const { return error_; }  // errno of perf_event_open(), 0 if it is open
    void enable();
    void disable();
    uint64_t count() const;
    bool has_counter() const;  // false once a pinned event has found none

    struct Sample {
        uint64_t ip;
        uint64_t address;
        uint64_t weight;
    };
    std::vector<Sample> samples();  // so far; each is given once

private:
    PerfEvent(perf_event_attr &attr, bool with_ring, int cpu = -1);

    int fd_ = -1;
    int error_ = 0;
    perf_event_mmap_page *ring_ = nullptr;
};

}  // namespace guest
