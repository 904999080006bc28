// SPDX-License-Identifier: GPL-2.0-or-later
// RDPMC: selectors, and who may use it.
#include "pmu.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint32_t kFixedSelector = 1u << 30;
constexpr uint64_t kPce = bit(8);

// The argument points to the selector, and gets the value.
SNIPPET(user_rdpmc, R"(
    mov (%rdi), %ecx
    rdpmc
    shl $32, %rdx
    or %rdx, %rax
    mov %rax, (%rdi)
    ret
)");

SNIPPET(user_rdmsr, R"(
    mov $0xc1, %ecx
    rdmsr
    ret
)");

class PceGuard {
public:
    explicit PceGuard(bool on) : old_(read_cr4()) { write_cr4(on ? old_ | kPce : old_ & ~kPce); }
    ~PceGuard() { write_cr4(old_); }

private:
    uint64_t old_;
};

}  // namespace

TEST(rdpmc, reads_general_and_fixed_counters)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        pmu::set_counter(n, 0xfedc00000000 + n);
    for (unsigned n = 0; n < pmu::kFixed; n++)
        wrmsr(pmu::kFixedCtr + n, 0xabcd00000000 + n);
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        EXPECT_EQ(0xfedc00000000 + n, rdpmc(n));
    for (unsigned n = 0; n < pmu::kFixed; n++)
        EXPECT_EQ(0xabcd00000000 + n, rdpmc(kFixedSelector | n));
}

TEST(rdpmc, other_selectors_fault)
{
    uint64_t value;
    for (const uint32_t selector : {pmu::kGeneral, 31u, kFixedSelector | (cpuid(0xa).edx & 31),
                                    kFixedSelector | 31, 0x80000000u, 0xffffffffu})
        EXPECT_SAID(try_rdpmc(selector, value) == kGeneralProtection, "selector ", Hex{selector});
}

TEST(rdpmc, ring_3_needs_pce)
{
    const Pages data = new_pages(1, kUserPage);
    pmu::set_counter(1, 4711);
    *data.memory<uint64_t>() = 1;
    {
        const PceGuard off(false);
        EXPECT_EQ(kGeneralProtection, run_user(user_rdpmc, data.window()).vector);
        EXPECT_EQ(4711u, rdpmc(1));  // the kernel needs nothing
    }
    const PceGuard on(true);
    EXPECT_EQ(kUserExit, run_user(user_rdpmc, data.window()).vector);
    EXPECT_EQ(4711u, *data.memory<uint64_t>());
}

TEST(rdpmc, other_selectors_fault_in_ring_3_too)
{
    const Pages data = new_pages(1, kUserPage);
    const PceGuard on(true);
    *data.memory<uint64_t>() = pmu::kGeneral;
    EXPECT_EQ(kGeneralProtection, run_user(user_rdpmc, data.window()).vector);
}

TEST(rdpmc, ring_3_has_no_rdmsr)
{
    const PceGuard on(true);
    EXPECT_EQ(kGeneralProtection, run_user(user_rdmsr).vector);
}

TEST(rdpmc, sees_a_running_counter)
{
    pmu::select(0, pmu::kInstructions);
    wrmsr(pmu::kGlobalCtrl, 1);
    const uint64_t first = rdpmc(0), second = rdpmc(0);
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT(first < second);
    EXPECT(second <= pmu::counter(0));
}
