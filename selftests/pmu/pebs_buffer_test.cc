// SPDX-License-Identifier: GPL-2.0-or-later
// The buffer of PEBS records: spacing, reload, threshold, maximum, several counters.
#include "pebs.h"
#include "pmi.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kAdaptiveOs = pmu::kOs | pmu::kAdaptive;
constexpr uint64_t kBasic = sizeof(pebs::Basic);

struct Words {
    explicit Words(uint64_t count) : data(new_pages(8, kKernelPage)), walk{data.address, count} {}
    Pages data;
    Walk walk;
    // All loads of a run of load_words(): the words, the struct, RET.
    uint64_t loads() const { return walk.count + kWalkLoads + 1; }
};

}  // namespace

TEST(pebs_buffer, samples_are_a_period_apart)
{
    const Words words(2000);
    for (const uint64_t period : {3, 7, 10, 61, 100, 509, 1999}) {
        pebs::Store store;
        wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
        store.sample(0, pmu::kAllLoads, kAdaptiveOs, period);
        store.set_room(250 * pebs::record_size(pebs::kMemory));
        pmu::run(1, load_words, &words.walk);
        const uint64_t want = words.loads() / period;
        if (want <= 250)
            EXPECT_EQ(want, store.count());
        EXPECT_EQ((words.loads() % period - period) & pmu::kCounterMask, pmu::counter(0));
        for (unsigned i = 0; i < store.count() && i < want; i++) {
            const uint64_t load = period * (i + 1) - 1;  // number of the load, from 0
            if (load < kWalkLoads || load >= kWalkLoads + words.walk.count)
                continue;
            EXPECT_EQ(words.data.address + 8 * (load - kWalkLoads),
                      store.record(i).memory().address);
        }
        wrmsr(pmu::kPebsEnable, 0);
    }
}

TEST(pebs_buffer, instruction_samples_are_as_many_as_periods)
{
    constexpr uint64_t kLoop = 3000;
    const uint64_t total = pmu::kAroundInstructions + loop_instructions(kLoop);
    for (const uint64_t period : {25, 97, 1000, 4093}) {
        pebs::Store store;
        store.sample(0, pmu::kInstructions, kAdaptiveOs, period);
        pmu::run(1, loop, kLoop);
        EXPECT_EQ(total / period, store.count());
        EXPECT_EQ((total % period - period) & pmu::kCounterMask, pmu::counter(0));
        wrmsr(pmu::kPebsEnable, 0);
    }
}

TEST(pebs_buffer, every_event_can_be_a_record)
{
    const Words words(100);
    pebs::Store store;
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 1);
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(words.loads(), store.count());
    for (unsigned i = 0; i < words.walk.count; i++)
        EXPECT_EQ(words.data.address + 8 * i,
                  store.record(i + static_cast<unsigned>(kWalkLoads)).memory().address);
}

TEST(pebs_buffer, counter_is_reloaded_from_the_area)
{
    const Words words(1000);
    pebs::Store store;
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);  // the first period
    store.area().reset[0] = pmu::before_overflow(100);
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(1 + (words.loads() - 10) / 100, store.count());
}

TEST(pebs_buffer, each_counter_has_its_own_reload_value)
{
    const Words words(1000);
    pebs::Store store;
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        store.sample(n, pmu::kAllLoads, kAdaptiveOs, 600);
    store.sample(pebs::fixed(0), 0, kAdaptiveOs, 600);
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        store.area().reset[n] = pmu::before_overflow(100000 + n);
    store.area().fixed_reset[0] = pmu::before_overflow(200000);
    pmu::run(pmu::kCounterBits, load_words, &words.walk);
    EXPECT_EQ(pmu::kGeneral + 1, store.count());
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        EXPECT_EQ(pmu::before_overflow(100000 + n) + words.loads() - 600, pmu::counter(n));
    const uint64_t instructions = pmu::kAroundInstructions + 4 * words.walk.count + 3;
    EXPECT_EQ(pmu::before_overflow(200000) + instructions - 600, pmu::fixed_counter(0));
}

TEST(pebs_buffer, counters_that_overflow_together_write_a_record_each)
{
    const Words words(100);
    pebs::Store store;
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    for (unsigned n = 0; n < pmu::kGeneral; n++)
        store.sample(n, pmu::kAllLoads, kAdaptiveOs, 60);
    pmu::run(pmu::kGeneralBits, load_words, &words.walk);
    EXPECT_EQ(pmu::kGeneral, store.count());
    uint64_t seen = 0;
    for (unsigned i = 0; i < store.count(); i++) {
        const auto record = store.record(i);
        seen |= record.basic().counters;
        EXPECT_EQ(words.data.address + 8 * (59 - kWalkLoads), record.memory().address);
    }
    EXPECT_EQ(pmu::kGeneralBits, seen);
}

TEST(pebs_buffer, a_counter_without_pebs_is_not_disturbed)
{
    const Words words(500);
    pebs::Store store;
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::select(1, pmu::kAllLoads, pmu::kOs, pmu::before_overflow(100));
    pmu::run(3, load_words, &words.walk);
    EXPECT_EQ(words.loads() / 10, store.count());
    EXPECT_EQ(2u, pmu::status());
    EXPECT_EQ(words.loads() - 100, pmu::counter(1));
}

TEST(pebs_buffer, adaptive_and_basic_counters_share_it)
{
    const Words words(100);
    pebs::Store store;
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory | pebs::kGprs);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    store.sample(1, pmu::kAllLoads, pmu::kOs, 15);
    pmu::run(3, load_words, &words.walk);
    EXPECT_EQ(words.loads() / 10 + words.loads() / 15, store.count());
    for (unsigned i = 0; i < store.count(); i++) {
        const auto &basic = store.record(i).basic();
        EXPECT_EQ(basic.counters == 1 ? 3u : 0u, basic.format());
    }
}

TEST(pebs_buffer, record_that_ends_at_the_maximum_is_written)
{
    const Words words(100);
    pebs::Store store;
    store.set_room(5 * kBasic);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(5u, store.count());
    EXPECT_EQ(5 * kBasic, store.used());
}

TEST(pebs_buffer, record_that_does_not_fit_is_dropped)
{
    const Words words(100);
    pebs::Store store;
    store.set_room(5 * kBasic - 1);
    const uint8_t *behind = store.buffer.memory(4 * kBasic);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(4u, store.count());
    for (unsigned i = 0; i < 2 * kBasic; i++)
        EXPECT_EQ(0, behind[i]);
    // It counts on all the same.
    EXPECT_EQ((words.loads() % 10 - 10) & pmu::kCounterMask, pmu::counter(0));
}

TEST(pebs_buffer, status_says_when_the_threshold_is_reached)
{
    const Words words(100);
    for (const uint64_t records : {1, 2, 5, 9}) {
        pebs::Store store;
        store.set_threshold(records * kBasic);
        store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
        Walk fewer = words.walk;
        fewer.count = 10 * records - kWalkLoads - 2;  // RET is one short of the last record
        pmu::run(1, load_words, &fewer);
        EXPECT_EQ(records - 1, store.count());
        EXPECT_EQ(0, pmu::status());
        pmu::run(1, nothing);  // RET
        EXPECT_EQ(records, store.count());
        EXPECT_EQ(pmu::kDsOverflow, pmu::status());
        pmu::clear_status();
        wrmsr(pmu::kPebsEnable, 0);
    }
}

TEST(pebs_buffer, threshold_inside_a_record_counts_as_reached_behind_it)
{
    const Words words(100);
    pebs::Store store;
    store.set_threshold(2 * kBasic + 1);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 30);
    Walk two = words.walk;
    two.count = 60;
    pmu::run(1, load_words, &two);
    EXPECT_EQ(2u, store.count());
    EXPECT_EQ(0, pmu::status());
    pmu::run(1, load_words, &two);
    EXPECT_EQ(4u, store.count());
    EXPECT_EQ(pmu::kDsOverflow, pmu::status());
}

TEST(pebs_buffer, below_the_threshold_there_is_no_interrupt)
{
    const Words words(1000);
    pmu::PmiWatch pmi;
    pebs::Store store;
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run_with_interrupts(1, load_words, reinterpret_cast<uint64_t>(&words.walk));
    EXPECT_EQ(0, pmi.count);
    EXPECT_EQ(0, pmu::status());
}

TEST(pebs_buffer, crossing_the_threshold_is_one_interrupt)
{
    const Words words(1000);
    pmu::PmiWatch pmi;
    pmi.stop = false;
    pebs::Store store;
    store.set_threshold(10 * kBasic);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run_with_interrupts(1, load_words, reinterpret_cast<uint64_t>(&words.walk));
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(pmu::kDsOverflow, pmi.status);
    EXPECT(pmi.masked);
    EXPECT(store.count() >= words.loads() / 10);
}

namespace {

// As a driver does: empties the buffer at each interrupt.
struct Drain {
    pebs::Store *store;
    unsigned pmis = 0, records = 0;

    static void handle(Frame &, void *self)
    {
        auto &d = *static_cast<Drain *>(self);
        d.pmis++;
        d.records += d.store->count();
        d.store->area().index = d.store->area().base;
        wrmsr(pmu::kGlobalStatusReset, pmu::kDsOverflow);
        apic_write(kApicLvtPerf, kPmiVector);
        end_of_interrupt();
    }
};

}  // namespace

TEST(pebs_buffer, each_crossing_is_one_interrupt)
{
    const Pages data = new_pages(8, kUserPage);
    *data.memory<Walk>() = {data.address, 4000};
    pebs::Store store;
    Drain drain = {&store};
    const HandlerGuard guard(kPmiVector, Drain::handle, &drain);
    apic_write(kApicLvtPerf, kPmiVector);
    store.set_threshold(32 * kBasic);
    store.sample(0, pmu::kAllLoads, pmu::kUsr | pmu::kAdaptive, 5);
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user(load_words, data.window());
    wrmsr(pmu::kGlobalCtrl, 0);
    const uint64_t records = (4000 + kWalkLoads + 1) / 5;
    EXPECT_EQ(records, drain.records + store.count());
    EXPECT_EQ(records / 32, drain.pmis);
}

TEST(pebs_buffer, interrupt_may_be_an_nmi)
{
    const Words words(1000);
    pmu::PmiWatch pmi(pmu::Delivery::nmi);
    pebs::Store store;
    store.set_threshold(10 * kBasic);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(pmu::kDsOverflow, pmi.status);
}

TEST(pebs_buffer, crossing_freezes_if_asked_for)
{
    const Words words(1000);
    wrmsr(pmu::kDebugCtl, pmu::kFreezeOnPmi);
    pmu::PmiWatch pmi;
    pmi.stop = false;
    pebs::Store store;
    store.set_threshold(10 * kBasic);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run_with_interrupts(1, load_words, reinterpret_cast<uint64_t>(&words.walk));
    EXPECT_EQ(1u, pmi.count);
    EXPECT_EQ(pmu::kDsOverflow | pmu::kFrozen, pmi.status);
    EXPECT(store.count() < 20);
}

TEST(pebs_buffer, needs_no_interrupt_bit)
{
    const Words words(100);
    pebs::Store store;
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);  // without kInt
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(words.loads() / 10, store.count());
}

TEST(pebs_buffer, is_not_touched_without_pebs)
{
    const Words words(100);
    pebs::Store store;
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    wrmsr(pmu::kPebsEnable, 0);
    pmu::run(1, load_words, &words.walk);
    EXPECT_EQ(0, store.count());
    EXPECT_EQ(1u, pmu::status());
    EXPECT_EQ(words.loads() - 10, pmu::counter(0));
}
