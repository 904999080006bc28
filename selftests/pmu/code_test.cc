// SPDX-License-Identifier: GPL-2.0-or-later
// Code that another CPU changes while this one runs it. Linux does so whenever it turns a static
// key, Sluice's among them; a CPU that runs the old code after it was told of the new dies.
#include "rt/cpu.h"
#include "rt/memory.h"
#include "rt/test.h"
#include "rt/x86.h"

using namespace rt;

namespace {

constexpr unsigned kRounds = 200'000;

// mov $VALUE, %eax; ret, with VALUE aligned, so that a store changes it at once. The page has other
// code, too, as a kernel's has: QEMU does not see a store that was on its way when the first code
// of a page was translated.
class Function {
public:
    explicit Function(uint8_t *page) : page_(page) {}

    void write() const
    {
        page_[7] = 0xb8;
        set(0);
        page_[12] = 0xc3;
        page_[kOther] = 0xc3;
    }

    void call_other() const { reinterpret_cast<void (*)()>(page_ + kOther)(); }

    void set(uint32_t value) const { *reinterpret_cast<volatile uint32_t *>(page_ + 8) = value; }
    uint32_t call() const { return reinterpret_cast<uint32_t (*)()>(page_ + 7)(); }

private:
    static constexpr unsigned kOther = 2048;

    uint8_t *page_;
};

uint8_t *page;
volatile uint32_t told;

void change()
{
    const Function function(page);
    for (uint32_t i = 1; i <= kRounds; i++) {
        function.set(i);
        told = i;
    }
}

// SDM volume 3A, 9.1.3 (cross-modifying code): told of the change, a CPU that serializes runs the
// new code.
unsigned stale_calls()
{
    const Function function(page);
    unsigned stale = 0;
    uint32_t from;
    do {
        from = told;
        cpuid(0);
        if (function.call() < from)
            stale++;
    } while (from < kRounds);
    return stale;
}

}  // namespace

TEST(code, change_of_its_own_is_seen_at_once)
{
    const Function function(new_pages(1, kKernelPage).window());
    function.write();
    for (uint32_t i = 1; i <= 1000; i++) {
        function.set(i);
        EXPECT_EQ(i, function.call());
    }
}

TEST(code, change_by_another_cpu_is_seen_when_it_is_told)
{
    if (cpu().index == 0 || !all_at_once()) {
        page = new_pages(1, kKernelPage).memory();
        Function(page).write();
        Function(page).call_other();
        told = 0;
    }
    meet();
    if (all_at_once() && cpu().index != 0) {
        EXPECT_EQ(0u, stale_calls());
    } else {
        change();
        EXPECT_EQ(kRounds, Function(page).call());
    }
    meet();
}
