// SPDX-License-Identifier: GPL-2.0-or-later
// Physical pages, page tables, and code that ring 3 may run.
//
// The first 4 GiB are mapped one to one, for the kernel only (SMAP and SMEP are on). Tests get
// pages in a window of their own; all of them are gone when the test is over.
#pragma once

#include <stdint.h>

namespace rt {

constexpr uint64_t kPageSize = 4096;

enum PageFlag : uint64_t {
    kNotPresent = 0,
    kPresent = 1,
    kWritable = 2,
    kUser = 4,
    kAccessed = 1 << 5,
    kDirty = 1 << 6,
};
constexpr uint64_t kKernelPage = kPresent | kWritable;
constexpr uint64_t kUserPage = kPresent | kWritable | kUser;

// Pages in the window, and the same memory as the kernel sees it one to one.
struct Pages {
    uint64_t address;
    uint64_t frame;

    template <typename T = uint8_t>
    T *window(uint64_t offset = 0) const
    {
        return reinterpret_cast<T *>(address + offset);
    }
    template <typename T = uint8_t>
    T *memory(uint64_t offset = 0) const
    {
        return reinterpret_cast<T *>(frame + offset);
    }
};

void set_up_memory_protection();  // of this CPU: SMEP, SMAP, SSE, AVX
void set_up_memory();

// Zeroed; a page that is not mapped follows. Until the end of the test.
Pages new_pages(unsigned count, uint64_t flags, unsigned node = 0);
uint64_t new_frames(unsigned count, unsigned node = 0);
uint64_t new_window(unsigned pages);

uint64_t kernel_table();
// Maps what the kernel has one to one and the code of ring 3, and nothing of the window.
uint64_t new_table();
void map_page(uint64_t table, uint64_t address, uint64_t frame, uint64_t flags);
// Other flags for the page at this address of the window: 0 takes it away.
void set_page(uint64_t address, uint64_t flags);

void forget_pages();  // of the test before

// A page that this CPU's ring 3 has for a stack, in every table.
Pages user_stack();

// Where ring 3 finds code of the section .snippets.
uint64_t for_user(const void *snippet);

}  // namespace rt
