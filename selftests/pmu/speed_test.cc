// SPDX-License-Identifier: GPL-2.0-or-later
// How fast the emulator is: no test that passes or fails, but figures for selftests/pmu/speed.
// Ticks of the time stamp counter, which in fast mode is the host's, for the same work with
// nothing counted and, where there is a PMU that shall not be left alone, with slow loads sampled,
// in turn.
#include "memory_model.h"
#include "rt/options.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr unsigned kRounds = 40;  // short ones, of which the fastest were not disturbed
constexpr uint64_t kPeriod = 4093;
constexpr uint64_t kThreshold = 30;  // cycles: beyond the first level
constexpr uint64_t kBig = 16 << 20;  // much more than the caches of the model

// What the snippets get: where to begin, how often, and a mask for offsets. It begins like a Walk.
struct Job {
    uint64_t address, count, mask;
};

SNIPPET(speed_alu, R"(
    mov 8(%rdi), %rcx
1:  lea 3(%rax, %rcx), %rax
    xor %rcx, %rax
    shr $1, %rax
    dec %rcx
    jnz 1b
    ret
)");
SNIPPET(speed_calls, R"(
    mov 8(%rdi), %rcx
1:  call 2f
    dec %rcx
    jnz 1b
    ret
2:  ret
)");
SNIPPET(speed_load_hits, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rdi
1:  mov (%rdi), %rax
    mov 64(%rdi), %rdx
    mov 128(%rdi), %rax
    mov 192(%rdi), %rdx
    dec %rcx
    jnz 1b
    ret
)");
SNIPPET(speed_store_hits, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rdi
1:  mov %rax, (%rdi)
    mov %rdx, 64(%rdi)
    mov %rax, 128(%rdi)
    mov %rdx, 192(%rdi)
    dec %rcx
    jnz 1b
    ret
)");
SNIPPET(speed_random, R"(
    mov 8(%rdi), %rcx
    mov 16(%rdi), %rsi
    mov (%rdi), %rdi
    mov $0x5851f42d4c957f2d, %r8
    mov $1, %rax
1:  imul %r8, %rax
    add $1442695, %rax
    mov %rax, %rdx
    shr $20, %rdx
    and %rsi, %rdx
    mov (%rdi, %rdx), %r9
    dec %rcx
    jnz 1b
    ret
)");
SNIPPET(speed_copy, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rsi
    lea 0x1000000(%rsi), %rdi
    rep movsq
    ret
)");

uint64_t time(Snippet snippet, const Job &job, uint64_t ctrl)
{
    if (ctrl)
        wrmsr(pmu::kGlobalCtrl, ctrl);
    const uint64_t start = rdtsc();
    snippet(const_cast<Job *>(&job));
    const uint64_t ticks = rdtsc() - start;
    if (ctrl)
        wrmsr(pmu::kGlobalCtrl, 0);
    return ticks;
}

// The emulator's TLB grows when it is flushed and was full: so it holds all pages afterwards.
void warm_up(Snippet snippet, const Job &job)
{
    for (int i = 0; i < 8; i++) {
        time(snippet, job, 0);
        write_cr3(read_cr3());
    }
    time(snippet, job, 0);
}

void start_sampling(pebs::Store &store)
{
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    wrmsr(pmu::kPebsLdLat, kThreshold);
    store.sample(0, pmu::kLoadLatency, pmu::kOs | pmu::kAdaptive, kPeriod);
}

void measure(const char *name, Snippet snippet, uint64_t count)
{
    const MemoryNode &node = options().node[options().nodes - 1];
    const Job job = {node.start + node.size / 2, count, (kBig - 1) & ~7ull};
    const bool sampling = (cpuid(0xa).eax & 0xff) && !options().idle;

    warm_up(snippet, job);
    if (!sampling) {
        for (unsigned round = 0; round < kRounds; round++)
            result_line(text("# speed ", name, " ", time(snippet, job, 0), " 0"));
        return;
    }
    pebs::Store store;
    start_sampling(store);
    time(snippet, job, 1);
    for (unsigned round = 0; round < kRounds; round++) {
        const uint64_t off = time(snippet, job, 0);
        store.clear();
        const uint64_t sampled = time(snippet, job, 1);
        result_line(text("# speed ", name, " ", off, " ", sampled));
    }
}

}  // namespace

#define SPEED(name, snippet, count)                     \
    TEST(speed, name, Where::once, Time::host, "speed") \
    {                                                   \
        measure(#name, snippet, count);                 \
    }

SPEED(alu, speed_alu, 600000)
SPEED(calls, speed_calls, 200000)
SPEED(load_hits, speed_load_hits, 250000)
SPEED(store_hits, speed_store_hits, 250000)
SPEED(scan_words, load_words, kBig / 8)
SPEED(scan_lines, model::load_each_line, kBig / 64)
SPEED(random, speed_random, 100000)
SPEED(copy, speed_copy, 100000)
