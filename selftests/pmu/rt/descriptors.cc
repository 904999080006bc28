// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/descriptors.h"

#include "rt/apic.h"
#include "rt/print.h"
#include "rt/x86.h"

extern "C" {
extern char interrupt_stubs[];
extern const uint64_t __fixups_start[], __fixups_end[];
void interrupt_entry(rt::Frame *frame);
[[noreturn]] void leave_user(uint64_t saved_rsp);
}

namespace rt {

namespace {

constexpr uint32_t kGsBase = 0xc0000101;
constexpr uint16_t kTssSelector = 0x30;
constexpr size_t kStubSize = 16;

struct [[gnu::packed]] Pointer {
    uint16_t limit;
    uint64_t base;
};

struct Gate {
    uint16_t offset0, selector;
    uint8_t ist, type;
    uint16_t offset1;
    uint32_t offset2, reserved;
};

Gate idt[256];

void fill_idt()
{
    for (unsigned i = 0; i < 256; i++) {
        const auto at = reinterpret_cast<uint64_t>(interrupt_stubs) + i * kStubSize;
        const uint8_t ist = i == kNmi ? 1 : i == kDoubleFault ? 2 : 0;
        const uint8_t type = i == kUserExit ? 0xee : 0x8e;
        idt[i] = {static_cast<uint16_t>(at),
                  kKernelCode,
                  ist,
                  type,
                  static_cast<uint16_t>(at >> 16),
                  static_cast<uint32_t>(at >> 32),
                  0};
    }
}

void fill_gdt(Cpu &c)
{
    const auto base = reinterpret_cast<uint64_t>(&c.tss);
    c.gdt[0] = 0;
    c.gdt[1] = 0x00af9a000000ffff;
    c.gdt[2] = 0x00cf92000000ffff;
    c.gdt[3] = 0x00cffa000000ffff;
    c.gdt[4] = 0x00cff2000000ffff;
    c.gdt[5] = 0x00affa000000ffff;
    c.gdt[6] =
        (sizeof(Tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    c.gdt[7] = base >> 32;
}

template <typename Stack>
uint64_t top(Stack &stack)
{
    return reinterpret_cast<uint64_t>(stack) + sizeof(stack);
}

bool fix_up(Frame &f)
{
    for (const uint64_t *fixup = __fixups_start; fixup < __fixups_end; fixup += 2)
        if (f.rip == fixup[0]) {
            cpu().fault = {f.vector, f.error, read_cr2(), f.rip};
            f.rip = fixup[1];
            return true;
        }
    return false;
}

[[noreturn]] void unexpected(const Frame &f)
{
    panic(text("cpu ", cpu().index, ": unexpected vector ", f.vector, " error ", Hex{f.error},
               " at ", Hex{f.rip}, f.user() ? " (user)" : "", " cr2 ", Hex{read_cr2()}, " rsp ",
               Hex{f.rsp}));
}

}  // namespace

void load_descriptors(Cpu &self)
{
    if (self.index == 0)
        fill_idt();
    self.tss = {};
    self.tss.rsp[0] = top(self.entry_stack);
    self.tss.ist[0] = top(self.nmi_stack);
    self.tss.ist[1] = top(self.fault_stack);
    self.tss.io_map = sizeof(Tss);
    fill_gdt(self);
    const Pointer gdtr = {sizeof(self.gdt) - 1, reinterpret_cast<uint64_t>(self.gdt)};
    const Pointer idtr = {sizeof(idt) - 1, reinterpret_cast<uint64_t>(idt)};
    asm volatile(
        "lgdt %0\n"
        "lidt %1\n"
        "pushq %2\n"
        "leaq 1f(%%rip), %%rax\n"
        "pushq %%rax\n"
        "lretq\n"
        "1: movl %3, %%eax\n"
        "movl %%eax, %%ds\n"
        "movl %%eax, %%es\n"
        "movl %%eax, %%ss\n"
        "ltr %w4\n"
        :
        : "m"(gdtr), "m"(idtr), "i"(kKernelCode), "i"(kKernelData), "r"(kTssSelector)
        : "rax", "memory");
    wrmsr(kGsBase, reinterpret_cast<uint64_t>(&self));
}

}  // namespace rt

void interrupt_entry(rt::Frame *frame)
{
    using namespace rt;
    Frame &f = *frame;
    const auto &slot = cpu().handlers[f.vector];
    if (slot.handler)
        return slot.handler(f, slot.context);
    if (f.user() && (f.vector < 32 || f.vector == kUserExit)) {
        cpu().user_end = {f.vector, f.error, read_cr2(), f.rip};
        leave_user(cpu().saved_rsp);
    }
    if (f.vector == kWakeVector) {
        cpu().wakes = cpu().wakes + 1;
        return end_of_interrupt();
    }
    if (f.vector == kSpurious)
        return;
    if (f.vector >= 32 || !fix_up(f))
        unexpected(f);
}
