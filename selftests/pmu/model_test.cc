// SPDX-License-Identifier: GPL-2.0-or-later
// The model of caches behind the memory events: what hits and what misses.
#include "memory_model.h"
#include "rt/memory.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr unsigned kFirstLevelPages = 8;  // 32 KiB

// The call of the snippet and its way back touch the stack and this file's data: a few lines.
constexpr uint64_t kAround = 4;

constexpr uint64_t kEvents[] = {pmu::kL1Miss, pmu::kL3Hit, pmu::kL3Miss, pmu::kLlcReferences,
                                pmu::kLlcMisses};
enum Counter { kL1Misses, kL3Hits, kL3Misses, kReferences, kMisses, kCounters };

struct Counts {
    uint64_t of[kCounters];
};

Counts count(Snippet snippet, const void *argument)
{
    for (unsigned i = 0; i < kCounters; i++)
        pmu::select(i, kEvents[i]);
    pmu::run(bit(kCounters) - 1, snippet, argument);
    Counts c;
    for (unsigned i = 0; i < kCounters; i++)
        c.of[i] = pmu::counter(i);
    return c;
}

// Word by word from the first page to that 32 KiB further on.
SNIPPET(copy_page_32k, R"(
    mov $512, %ecx
1:  mov (%rdi), %rax
    mov %rax, 0x8000(%rdi)
    add $8, %rdi
    dec %ecx
    jnz 1b
    ret
)");
SNIPPET(load_across_lines, R"(
    mov 60(%rdi), %rax
    ret
)");

// Loads from each line of these pages.
Counts count_loads(const Pages &p, uint64_t pages)
{
    const Walk walk = {p.address, pages * model::kPageLines};
    return count(model::load_each_line, &walk);
}

// Pages that an earlier test may have touched are still there: nothing empties a cache but use.
void empty_caches()
{
    constexpr unsigned kMuch = 2 * model::kCacheSize / kPageSize;
    count_loads(new_pages(kMuch, kKernelPage), kMuch);
}

Pages cold_pages(unsigned count)
{
    const Pages p = new_pages(count, kKernelPage);
    empty_caches();
    return p;
}

}  // namespace

TEST(model, what_fits_is_loaded_once, Where::in_turn)
{
    const Pages p = cold_pages(4);
    const Counts first = count_loads(p, 4);
    EXPECT_BETWEEN(256, 256 + kAround, first.of[kL1Misses]);
    EXPECT_EQ(first.of[kL1Misses], first.of[kL3Hits] + first.of[kL3Misses]);
    count_loads(p, 4);
    const Counts again = count_loads(p, 4);
    EXPECT_BETWEEN(0, kAround, again.of[kL1Misses]);
}

TEST(model, what_does_not_fit_comes_from_the_second_level, Where::in_turn)
{
    const Pages p = new_pages(2 * kFirstLevelPages, kKernelPage);
    count_loads(p, 2 * kFirstLevelPages);
    const Counts again = count_loads(p, 2 * kFirstLevelPages);
    EXPECT_BETWEEN(512, 1024 + kAround, again.of[kL1Misses]);
    EXPECT_EQ(again.of[kL1Misses], again.of[kL3Hits]);
    EXPECT_EQ(0, again.of[kMisses]);
}

TEST(model, scan_misses_every_other_line, Where::in_turn)
{
    const Pages p = cold_pages(4);
    const Counts c = count_loads(p, 4);
    EXPECT_BETWEEN(128, 128 + kAround, c.of[kL3Misses]);
}

TEST(model, copies_do_not_collide, Where::in_turn)
{
    const Pages p = new_pages(kFirstLevelPages + 1, kKernelPage);
    count(copy_page_32k, p.window());
    const Counts again = count(copy_page_32k, p.window());
    EXPECT_BETWEEN(0, 2 * kAround, again.of[kReferences]);
}

TEST(model, an_access_to_two_lines_is_one, Where::in_turn)
{
    const Pages p = cold_pages(2);
    count(nothing, nullptr);
    const Counts c = count(load_across_lines, p.window());
    EXPECT_BETWEEN(1, 1 + kAround, c.of[kL1Misses]);
    const Counts none = count(load_across_lines, p.window());
    EXPECT_EQ(count(nothing, nullptr).of[kL1Misses], none.of[kL1Misses]);
}

TEST(model, a_switch_of_address_spaces_empties_nothing, Where::in_turn)
{
    const Pages p = new_pages(4, kKernelPage);
    count_loads(p, 4);
    count_loads(p, 4);
    write_cr3(read_cr3());
    EXPECT_BETWEEN(0, kAround, count_loads(p, 4).of[kL1Misses]);
}

// Neither does the old frame hit at the new address, nor the new frame at the old one.
TEST(model, a_page_that_is_mapped_elsewhere_misses, Where::in_turn)
{
    const Pages p = new_pages(1, kKernelPage);
    const uint64_t other = new_frames(1);
    empty_caches();
    count_loads(p, 1);
    count_loads(p, 1);
    map_page(kernel_table(), p.address, other, kKernelPage);
    invlpg(p.address);
    EXPECT_BETWEEN(64, 64 + kAround, count_loads(p, 1).of[kL1Misses]);
    count_loads(p, 1);
    EXPECT_BETWEEN(0, kAround, count_loads(p, 1).of[kL1Misses]);
    map_page(kernel_table(), p.address, p.frame, kKernelPage);
    invlpg(p.address);
    EXPECT_BETWEEN(0, kAround, count_loads(p, 1).of[kL1Misses]);
}

namespace {

uint64_t shared_line;

SNIPPET(load_one, "mov (%rdi), %rax; ret");
SNIPPET(store_one, "movq $1, (%rdi); ret");

// How one access to the line looks to the second level: 1 if it gets that far, 0 if not.
uint64_t references(Snippet snippet)
{
    pmu::select(0, pmu::kLlcReferences);
    pmu::run(1, nothing, shared_line);
    pmu::set_counter(0, 0);
    pmu::run(1, snippet, shared_line);
    return pmu::counter(0);
}

void on_the_first(void (*work)())
{
    if (cpu().index == 0)
        work();
    meet();
}

void on_the_second(void (*work)())
{
    if (cpu().index == 1)
        work();
    meet();
}

void expect_hit(Snippet s)
{
    EXPECT_EQ(0, references(s));
}

void expect_reference(Snippet s)
{
    EXPECT_EQ(1, references(s));
}

}  // namespace

// With virtual time one vCPU runs at a time, and all of them share the model.
TEST(model, first_levels_are_coherent, Where::everywhere, Time::virtual_)
{
    if (!all_at_once())
        return;
    on_the_first([] { shared_line = new_pages(1, kKernelPage).address; });
    on_the_first([] {
        references(store_one);
        expect_hit(store_one);
        expect_hit(load_one);
    });
    on_the_second([] {
        expect_reference(load_one);  // the first one's copy is shared now
        expect_hit(load_one);
    });
    on_the_first([] {
        expect_hit(load_one);
        expect_reference(store_one);  // takes the second one's copy
        expect_hit(store_one);
    });
    on_the_second([] {
        expect_reference(store_one);  // takes the first one's
        expect_hit(load_one);
    });
    on_the_first([] { expect_reference(load_one); });
}
