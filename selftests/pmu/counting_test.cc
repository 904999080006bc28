// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions, branches, cycles: exact counts of known code, and by ring.
#include "pmu.h"
#include "rt/apic.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kLengths[] = {1, 2, 3, 10, 100, 1000, 12345};

// Ring 3 counts what it runs there; what it takes to get there and back is the same each time.
uint64_t count_in_user(uint64_t n)
{
    pmu::set_counter(0, 0);
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user(loop, reinterpret_cast<void *>(n));
    wrmsr(pmu::kGlobalCtrl, 0);
    return pmu::counter(0);
}

}  // namespace

TEST(counting, instructions_of_a_loop_are_exact)
{
    pmu::select(0, pmu::kInstructions);
    pmu::run(1, nothing);
    const uint64_t around = pmu::counter(0) - 1;
    EXPECT_EQ(pmu::kAroundInstructions, around);
    for (const uint64_t n : kLengths) {
        pmu::set_counter(0, 0);
        pmu::run(1, loop, n);
        EXPECT_EQ(around + loop_instructions(n), pmu::counter(0));
    }
}

TEST(counting, instructions_are_the_same_each_time)
{
    pmu::select(0, pmu::kInstructions);
    for (int i = 0; i < 50; i++) {
        pmu::set_counter(0, 0);
        pmu::run(1, loop, 1000);
        EXPECT_EQ(pmu::kAroundInstructions + loop_instructions(1000), pmu::counter(0));
    }
}

TEST(counting, every_counter_counts_the_same)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        pmu::select(n, pmu::kInstructions);
    pmu::select_fixed(0);
    pmu::run(pmu::kCounterBits, loop, 777);
    const uint64_t want = pmu::kAroundInstructions + loop_instructions(777);
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        EXPECT_EQ(want, pmu::counter(n));
    EXPECT_EQ(want, pmu::fixed_counter(0));
}

TEST(counting, counts_on_from_any_value)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs, 0x7ffffffffff0);
    pmu::run(1, loop, 100);
    EXPECT_EQ(0x7ffffffffff0 + pmu::kAroundInstructions + loop_instructions(100), pmu::counter(0));
}

TEST(counting, needs_both_enable_bits)
{
    wrmsr(pmu::kPerfEvtSel, pmu::kInstructions | pmu::kOs);  // without kEnable
    pmu::select(1, pmu::kInstructions);
    pmu::run(1, loop, 100);  // counter 0 only
    EXPECT_EQ(0, pmu::counter(0));
    EXPECT_EQ(0, pmu::counter(1));
    pmu::select_fixed(0, 0);
    pmu::run(pmu::fixed_bit(0), loop, 100);
    EXPECT_EQ(0, pmu::fixed_counter(0));
}

TEST(counting, event_select_can_stop_a_counter)
{
    pmu::select(0, pmu::kInstructions);
    wrmsr(pmu::kGlobalCtrl, 1);
    wrmsr(pmu::kPerfEvtSel, 0);
    const uint64_t stopped = pmu::counter(0);
    loop(reinterpret_cast<void *>(1000));
    EXPECT_EQ(stopped, pmu::counter(0));
}

TEST(counting, no_event_counts_nothing)
{
    pmu::select(0, 0);
    pmu::run(1, loop, 100);
    EXPECT_EQ(0, pmu::counter(0));
}

TEST(counting, no_ring_counts_nothing)
{
    pmu::select(0, pmu::kInstructions, 0);
    pmu::run(1, loop, 100);
    EXPECT_EQ(0, pmu::counter(0));
}

TEST(counting, user_filter_does_not_see_the_kernel)
{
    pmu::select(0, pmu::kInstructions, pmu::kUsr);
    pmu::select_fixed(0, pmu::kFixedUsr);
    pmu::run(1 | pmu::fixed_bit(0), loop, 1000);
    EXPECT_EQ(0, pmu::counter(0));
    EXPECT_EQ(0, pmu::fixed_counter(0));
}

TEST(counting, user_instructions_are_exact)
{
    pmu::select(0, pmu::kInstructions, pmu::kUsr);
    const uint64_t one = count_in_user(1);
    EXPECT_BETWEEN(loop_instructions(1), loop_instructions(1) + 2, one);
    for (const uint64_t n : kLengths)
        EXPECT_EQ(one + 2 * (n - 1), count_in_user(n));
}

TEST(counting, kernel_filter_does_not_see_ring_3)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs);
    const uint64_t one = count_in_user(1);
    EXPECT(one > 0);  // the way there and back
    for (const uint64_t n : kLengths)
        EXPECT_EQ(one, count_in_user(n));
}

TEST(counting, both_rings_are_the_sum)
{
    pmu::select(0, pmu::kInstructions, pmu::kUsr | pmu::kOs);
    pmu::select(1, pmu::kInstructions, pmu::kUsr);
    pmu::select(2, pmu::kInstructions, pmu::kOs);
    pmu::select_fixed(0, pmu::kFixedUsr | pmu::kFixedOs);
    wrmsr(pmu::kGlobalCtrl, 7 | pmu::fixed_bit(0));
    run_user(loop, reinterpret_cast<void *>(5000));
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT(pmu::counter(1) >= loop_instructions(5000));
    EXPECT_EQ(pmu::counter(1) + pmu::counter(2), pmu::counter(0));
    EXPECT_EQ(pmu::counter(0), pmu::fixed_counter(0));
}

TEST(counting, cycles_are_no_fewer_than_a_fourth_of_the_instructions)
{
    pmu::select(0, pmu::kCycles);
    pmu::select_fixed(1);
    pmu::run(1 | pmu::fixed_bit(1), loop, 10000);
    EXPECT(pmu::counter(0) >= loop_instructions(10000) / 4);
    EXPECT_EQ(pmu::counter(0), pmu::fixed_counter(1));
}

// The model: an instruction takes a cycle, and what hits the first level stalls for none.
TEST(counting, model_cycles_are_instructions_without_misses)
{
    pmu::select(0, pmu::kCycles);
    pmu::select(1, pmu::kInstructions);
    pmu::run(3, loop, 10000);  // warm: the stack
    pmu::set_counter(0, 0);
    pmu::set_counter(1, 0);
    pmu::run(3, loop, 10000);
    EXPECT_EQ(pmu::counter(1), pmu::counter(0));
}

TEST(counting, reference_cycles_follow_the_time_stamp_counter)
{
    pmu::select(0, pmu::kReferenceCycles);
    pmu::select_fixed(2);
    const uint64_t before = rdtsc();
    wrmsr(pmu::kGlobalCtrl, 1 | pmu::fixed_bit(2));
    const uint64_t inner_before = rdtsc();
    loop(reinterpret_cast<void *>(200000));
    const uint64_t inner_after = rdtsc();
    wrmsr(pmu::kGlobalCtrl, 0);
    const uint64_t after = rdtsc();
    EXPECT_BETWEEN(inner_after - inner_before, after - before, pmu::fixed_counter(2));
    EXPECT_BETWEEN(inner_after - inner_before, after - before, pmu::counter(0));
}

namespace {

constexpr uint8_t kNoise = 0xe1;

void count_under_noise(const volatile unsigned &noise)
{
    pmu::select(0, pmu::kInstructions);
    for (unsigned i = 0; i < 200 || noise < 20; i++) {
        pmu::set_counter(0, 0);
        pmu::run(1, loop, 5000);
        EXPECT_EQ(pmu::kAroundInstructions + loop_instructions(5000), pmu::counter(0));
    }
}

}  // namespace

// Interrupts that wait until they may come in do not make the CPU count twice what it does once.
TEST(counting, waiting_interrupts_do_not_disturb)
{
    static volatile unsigned sent[kMostCpus];
    static volatile bool done[kMostCpus];
    const unsigned self = cpu().index, next = (self + 1) % cpu_count();
    const HandlerGuard guard(kNoise, [](Frame &, void *) { end_of_interrupt(); }, nullptr);
    sent[next] = 0;
    done[self] = false;
    meet();
    // Even ones count while odd ones disturb their neighbours, then the other way round.
    for (unsigned round = 0; round < 2; round++) {
        if (!all_at_once()) {
            send_ipi(cpu().apic_id, kNoise);
            const unsigned enough = 20;
            count_under_noise(enough);
        } else if (self % 2 == round) {
            count_under_noise(sent[self]);
            done[self] = true;
        } else {
            while (!done[next]) {
                send_ipi(cpu_of(next).apic_id, kNoise);
                sent[next] = sent[next] + 1;
                pause();
            }
        }
        meet();
    }
    enable_interrupts();
    pause();
    disable_interrupts();
}

// rdi times STOSB; MOV, LEA, REP STOSB, RET.
SNIPPET(rep_stosb, R"(
    mov %rdi, %rcx
    lea -256(%rsp), %rdi
    rep stosb
    ret
)");

TEST(counting, repeated_string_instruction_is_one)
{
    pmu::select(0, pmu::kInstructions);
    for (const uint64_t n : {0, 1, 2, 100, 200}) {
        pmu::set_counter(0, 0);
        pmu::run(1, rep_stosb, n);
        EXPECT_EQ(pmu::kAroundInstructions + 4, pmu::counter(0));
    }
}

namespace {

constexpr uint32_t kSmiCount = 0x34;

// The firmware has set up system management mode; it does nothing for a command that it does not
// know.
SNIPPET(enter_system_management, R"(
    mov $0x55, %al
    out %al, $0xb2
    ret
)");

}  // namespace

// Neither instructions nor memory accesses of system management mode: it saves and restores
// hundreds of bytes.
TEST(counting, model_not_in_system_management_mode, Where::once)
{
    pmu::select(0, pmu::kInstructions);
    pmu::select(1, pmu::kAllLoads);
    pmu::select(2, pmu::kAllStores);
    const uint64_t entered = rdmsr(kSmiCount);
    pmu::run(7, enter_system_management);
    EXPECT_EQ(entered + 1, rdmsr(kSmiCount));
    EXPECT_EQ(pmu::kAroundInstructions + 3, pmu::counter(0));
    EXPECT_EQ(1, pmu::counter(1));
    EXPECT_EQ(pmu::kAroundStores, pmu::counter(2));
}

TEST(counting, slots_are_five_a_cycle)
{
    constexpr uint64_t kSlots = 0x01a4;
    pmu::select(0, kSlots);
    pmu::select(1, pmu::kCycles);
    pmu::run(3, loop, 1000);
    EXPECT_EQ(5 * pmu::counter(1), pmu::counter(0));
    EXPECT(pmu::counter(1) >= loop_instructions(1000));
}

namespace {

// The load faults: of this block only the three before it have been executed.
SNIPPET(fault_in_the_middle, R"(
    nop
    nop
    nop
    mov (%rdi), %rax
    nop
    nop
    nop
    nop
    nop
    nop
    ret
)");

}  // namespace

TEST(counting, of_a_block_that_faults_is_exact)
{
    const uint64_t nowhere = new_window(1);
    pmu::select(0, pmu::kInstructions, pmu::kUsr);
    for (unsigned i = 1; i <= 3; i++) {
        wrmsr(pmu::kGlobalCtrl, 1);
        run_user(fault_in_the_middle, reinterpret_cast<void *>(nowhere));
        wrmsr(pmu::kGlobalCtrl, 0);
        EXPECT_EQ(3 * i, pmu::counter(0));
    }
}
