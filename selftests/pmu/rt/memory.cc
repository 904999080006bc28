// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/memory.h"

#include "rt/cpu.h"
#include "rt/lock.h"
#include "rt/options.h"
#include "rt/print.h"
#include "rt/x86.h"

extern "C" {
extern uint64_t boot_pml4[512];
extern char __snippets_start[], __snippets_end[], __image_end[];
}

namespace rt {

namespace {

using Entry = uint64_t;

constexpr uint64_t kWindow = 2ull << 39;
constexpr uint64_t kUserSnippets = 3ull << 39;
constexpr uint64_t kUserStacks = kUserSnippets + (1ull << 30);
constexpr uint64_t kFrameMask = 0x000ffffffffff000;
constexpr uint64_t kPageDirty = kAccessed | kDirty;
constexpr uint64_t kUncached = 0x18;

// Page tables that stay, then what tests get.
constexpr uint64_t kTables = 16ull << 20;
constexpr uint64_t kFrames = 20ull << 20;

Lock lock;
uint64_t next_frame[4];
uint64_t next_window;

Entry *entries(uint64_t frame)
{
    return reinterpret_cast<Entry *>(frame);
}

// With the lock.
uint64_t take_frames(unsigned count, unsigned node)
{
    const uint64_t frame = next_frame[node];
    next_frame[node] += count * kPageSize;
    // The firmware's tables are at the end of the memory.
    const MemoryNode &n = options().node[node];
    if (next_frame[node] > n.start + n.size - (2ull << 20))
        panic(text("node ", node, " has no memory left"));
    __builtin_memset(entries(frame), 0, count * kPageSize);
    return frame;
}

Entry &next_level(Entry &entry)
{
    if (!(entry & kPresent))
        entry = take_frames(1, 0) | kUserPage;
    return entry;
}

Entry &leaf(uint64_t table, uint64_t address)
{
    Entry *at = entries(table) + (address >> 39 & 511);
    for (int shift = 30; shift >= 12; shift -= 9)
        at = entries(next_level(*at) & kFrameMask) + (address >> shift & 511);
    return *at;
}

Pages stack_of(unsigned cpu)
{
    static uint64_t frames;
    if (!frames)
        frames = take_frames(kMostCpus, 0);
    return {kUserStacks + cpu * 2 * kPageSize, frames + cpu * kPageSize};
}

// What ring 3 always has: code to run, and a stack for each CPU.
void map_for_user()
{
    const auto start = reinterpret_cast<uint64_t>(__snippets_start);
    const auto end = reinterpret_cast<uint64_t>(__snippets_end);
    for (uint64_t at = start; at < end; at += kPageSize)
        leaf(kernel_table(), kUserSnippets + at - start) = at | kPresent | kUser | kPageDirty;
    for (unsigned n = 0; n < kMostCpus; n++)
        leaf(kernel_table(), stack_of(n).address) = stack_of(n).frame | kUserPage | kPageDirty;
}

}  // namespace

void set_up_memory_protection()
{
    constexpr uint64_t kOsFxsr = bit(9), kOsXmmExceptions = bit(10), kOsXsave = bit(18),
                       kSmep = bit(20), kSmap = bit(21);
    write_cr4(read_cr4() | kOsFxsr | kOsXmmExceptions | kOsXsave | kSmep | kSmap);
    asm volatile("xsetbv" : : "c"(0), "a"(7), "d"(0));
    asm volatile("fninit");
    // No interrupts of the old controllers.
    out8(0x21, 0xff);
    out8(0xa1, 0xff);
}

void set_up_memory()
{
    // What stays comes out of a range that forget_pages() leaves alone.
    next_frame[0] = kTables;
    map_for_user();
    if (next_frame[0] > kFrames || reinterpret_cast<uint64_t>(__image_end) > kTables)
        panic(text("the image is too large"));
    // The local APIC's registers.
    Entry *directory = entries(entries(boot_pml4[0] & kFrameMask)[3] & kFrameMask);
    directory[0xfee00000 >> 21 & 511] |= kUncached;
    forget_pages();
}

Pages new_pages(unsigned count, uint64_t flags, unsigned node)
{
    const Pages pages = {new_window(count), new_frames(count, node)};
    for (unsigned i = 0; i < count; i++)
        map_page(kernel_table(), pages.address + i * kPageSize, pages.frame + i * kPageSize, flags);
    return pages;
}

uint64_t new_frames(unsigned count, unsigned node)
{
    const LockGuard guard(lock);
    return take_frames(count, node);
}

uint64_t new_window(unsigned pages)
{
    const LockGuard guard(lock);
    const uint64_t address = next_window;
    next_window += (pages + 1) * kPageSize;
    return address;
}

uint64_t kernel_table()
{
    return reinterpret_cast<uint64_t>(boot_pml4);
}

uint64_t new_table()
{
    const uint64_t table = new_frames(1);
    entries(table)[0] = boot_pml4[0];
    entries(table)[kUserSnippets >> 39] = boot_pml4[kUserSnippets >> 39];
    return table;
}

void map_page(uint64_t table, uint64_t address, uint64_t frame, uint64_t flags)
{
    const LockGuard guard(lock);
    leaf(table, address) = flags & kPresent ? frame | flags | kPageDirty : frame;
    invlpg(address);
}

void set_page(uint64_t address, uint64_t flags)
{
    uint64_t frame;
    {
        const LockGuard guard(lock);
        frame = leaf(kernel_table(), address) & kFrameMask;
    }
    map_page(kernel_table(), address, frame, flags);
}

void forget_pages()
{
    next_frame[0] = kFrames;
    for (unsigned n = 1; n < options().nodes; n++)
        next_frame[n] = options().node[n].start;
    next_window = kWindow;
    boot_pml4[kWindow >> 39] = 0;
}

Pages user_stack()
{
    return stack_of(cpu().index);
}

uint64_t for_user(const void *snippet)
{
    return kUserSnippets +
           static_cast<uint64_t>(static_cast<const char *>(snippet) - __snippets_start);
}

}  // namespace rt
