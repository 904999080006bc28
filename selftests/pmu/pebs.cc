// SPDX-License-Identifier: GPL-2.0-or-later
#include "pebs.h"

#include "rt/user.h"

SNIPPET(load_words, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rdi
    .globl load_words_load
load_words_load:
1:  mov (%rdi), %rax
    add $8, %rdi
    dec %rcx
    jnz 1b
    ret
)");

SNIPPET(store_words, R"(
    mov 8(%rdi), %rcx
    mov (%rdi), %rdi
    .globl store_words_store
store_words_store:
1:  mov %rcx, (%rdi)
    add $8, %rdi
    dec %rcx
    jnz 1b
    ret
)");

namespace pebs {

using namespace rt;

Store::Store(uint64_t flags, uint64_t area_offset, uint64_t buffer_offset)
    : area_pages(new_pages(2, flags)),
      buffer(new_pages(kPages, flags)),
      area_offset_(area_offset),
      buffer_offset_(buffer_offset)
{
    Area &a = area();
    a.base = buffer.address + buffer_offset_;
    a.index = a.base;
    a.maximum = buffer.address + kPages * kPageSize;
    a.threshold = a.maximum + 1;
    wrmsr(pmu::kDsArea, area_pages.address + area_offset_);
}

void Store::clear()
{
    __builtin_memset(buffer.memory(), 0, kPages * kPageSize);
    area().index = area().base;
}

Record Store::record(unsigned n)
{
    const uint8_t *at = buffer.memory(buffer_offset_);
    while (n--)
        at += reinterpret_cast<const Basic *>(at)->size();
    return Record(at);
}

unsigned Store::count()
{
    unsigned n = 0;
    const uint8_t *at = buffer.memory(buffer_offset_);
    const uint8_t *end = at + used();
    while (at < end) {
        const uint64_t size = reinterpret_cast<const Basic *>(at)->size();
        if (size < sizeof(Basic) || at + size > end)
            return ~0u;  // no row of records
        at += size;
        n++;
    }
    return n;
}

void Store::sample(unsigned n, uint64_t event, uint64_t flags, uint64_t period)
{
    const uint64_t start = pmu::before_overflow(period);
    if (n < pmu::kGeneral) {
        pmu::select(n, event, flags, start);
        area().reset[n] = start;
        wrmsr(pmu::kPebsEnable, rdmsr(pmu::kPebsEnable) | bit(n));
        return;
    }
    n -= pmu::kGeneral;
    pmu::select_fixed(n, flags & pmu::kUsr ? pmu::kFixedUsr : pmu::kFixedOs, start);
    if (flags & pmu::kAdaptive)
        wrmsr(pmu::kFixedCtrCtrl, rdmsr(pmu::kFixedCtrCtrl) | pmu::fixed_adaptive(n));
    area().fixed_reset[n] = start;
    wrmsr(pmu::kPebsEnable, rdmsr(pmu::kPebsEnable) | pmu::fixed_bit(n));
}

}  // namespace pebs
