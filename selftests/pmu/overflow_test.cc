// SPDX-License-Identifier: GPL-2.0-or-later
// What happens when a counter goes through zero.
#include "pmu.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kLoop = 500;
// All instructions that a run of the loop counts.
constexpr uint64_t kTotal = pmu::kAroundInstructions + loop_instructions(kLoop);

}  // namespace

TEST(overflow, comes_with_the_event_that_reaches_zero)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++) {
        pmu::select(n, pmu::kInstructions, pmu::kOs, pmu::before_overflow(kTotal + 1));
        pmu::run(bit(n), loop, kLoop);
        EXPECT_EQ(pmu::kCounterMask, pmu::counter(n));
        EXPECT_EQ(0, pmu::status());

        pmu::set_counter(n, pmu::before_overflow(kTotal));
        pmu::run(bit(n), loop, kLoop);
        EXPECT_EQ(0, pmu::counter(n));
        EXPECT_EQ(bit(n), pmu::status());
        pmu::clear_status();
    }
}

TEST(overflow, of_fixed_counters_is_as_exact)
{
    pmu::select_fixed(0, pmu::kFixedOs, pmu::before_overflow(kTotal + 1));
    pmu::run(pmu::fixed_bit(0), loop, kLoop);
    EXPECT_EQ(0, pmu::status());
    pmu::select_fixed(0, pmu::kFixedOs, pmu::before_overflow(kTotal));
    pmu::run(pmu::fixed_bit(0), loop, kLoop);
    EXPECT_EQ(0, pmu::fixed_counter(0));
    EXPECT_EQ(pmu::fixed_bit(0), pmu::status());
}

TEST(overflow, of_minus_one_comes_with_the_next_event)
{
    pmu::select(0, pmu::kInstructions);
    wrmsr(pmu::kPmc, -1ull);
    pmu::run(1, nothing);
    EXPECT_EQ(1u, pmu::status());
    EXPECT_EQ(pmu::kAroundInstructions, pmu::counter(0));
}

TEST(overflow, goes_on_counting_from_zero)
{
    for (const uint64_t before : {1, 2, 7, 100, 400}) {
        pmu::select(0, pmu::kInstructions, pmu::kOs, pmu::before_overflow(before));
        pmu::run(1, loop, kLoop);
        EXPECT_EQ(kTotal - before, pmu::counter(0));
        EXPECT_EQ(1u, pmu::status());
        pmu::clear_status();
    }
}

TEST(overflow, of_all_counters_at_once)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        pmu::select(n, pmu::kInstructions, pmu::kOs, pmu::before_overflow(100));
    for (unsigned n = 0; n < 2; n++)
        pmu::select_fixed(n, pmu::kFixedOs, pmu::before_overflow(100));
    pmu::run(pmu::kCounterBits, loop, kLoop);
    EXPECT_EQ(pmu::kGeneralBits | pmu::fixed_bit(0) | pmu::fixed_bit(1), pmu::status());
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        EXPECT_EQ(kTotal - 100, pmu::counter(n));
    EXPECT_EQ(kTotal - 100, pmu::fixed_counter(0));
}

TEST(overflow, at_different_times_is_independent)
{
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        pmu::select(n, pmu::kInstructions, pmu::kOs, pmu::before_overflow(10 + 13 * n));
    pmu::run(pmu::kGeneralBits, loop, kLoop);
    EXPECT_EQ(pmu::kGeneralBits, pmu::status());
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        EXPECT_EQ(kTotal - 10 - 13 * n, pmu::counter(n));
}

TEST(overflow, status_stays_until_it_is_reset)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs, pmu::before_overflow(1));
    pmu::select(1, pmu::kInstructions, pmu::kOs, pmu::before_overflow(1));
    pmu::run(3, nothing);
    pmu::run(3, nothing);
    EXPECT_EQ(3u, pmu::status());
    wrmsr(pmu::kGlobalStatusReset, 1);
    EXPECT_EQ(2u, pmu::status());
    wrmsr(pmu::kGlobalStatusReset, 2);
    EXPECT_EQ(0, pmu::status());
}

TEST(overflow, a_write_is_none)
{
    pmu::select(0, pmu::kInstructions, pmu::kOs, pmu::kCounterMask);
    pmu::set_counter(0, 0);
    EXPECT_EQ(0, pmu::status());
}

TEST(overflow, happens_in_ring_3)
{
    pmu::select(0, pmu::kInstructions, pmu::kUsr, pmu::before_overflow(300));
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user(loop, reinterpret_cast<void *>(kLoop));
    wrmsr(pmu::kGlobalCtrl, 0);
    EXPECT_EQ(1u, pmu::status());
    EXPECT_BETWEEN(loop_instructions(kLoop) - 300, loop_instructions(kLoop) - 300 + 2,
                   pmu::counter(0));
}

TEST(overflow, of_both_rings_is_as_exact)
{
    // What is counted in all, in both rings:
    pmu::select(0, pmu::kInstructions, pmu::kUsr | pmu::kOs);
    const auto run = [] {
        wrmsr(pmu::kGlobalCtrl, 1);
        run_user(loop, reinterpret_cast<void *>(kLoop));
        wrmsr(pmu::kGlobalCtrl, 0);
    };
    run();
    const uint64_t total = pmu::counter(0);
    for (const uint64_t before : {uint64_t{100}, total / 2, total - 1, total, total + 1}) {
        pmu::set_counter(0, pmu::before_overflow(before));
        run();
        EXPECT_EQ((total - before) & pmu::kCounterMask, pmu::counter(0));
        EXPECT_EQ(before <= total, pmu::status());
        pmu::clear_status();
    }
}

TEST(overflow, of_reference_cycles)
{
    pmu::select_fixed(2, pmu::kFixedOs, pmu::before_overflow(10));
    pmu::run(pmu::fixed_bit(2), loop, 100000);
    EXPECT_EQ(pmu::fixed_bit(2), pmu::status());
}
