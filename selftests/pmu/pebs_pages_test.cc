// SPDX-License-Identifier: GPL-2.0-or-later
// Where the debug store area is in memory: pages crossed, missing, of ring 3, of another table.
#include "pebs.h"
#include "rt/test.h"

using namespace rt;

namespace {

constexpr uint64_t kAdaptiveOs = pmu::kOs | pmu::kAdaptive;
constexpr uint64_t kAdaptiveUsr = pmu::kUsr | pmu::kAdaptive;
constexpr uint64_t kLargest = 15 | 31ull << 24;  // all groups, 32 branches: 1232 bytes

struct Words {
    explicit Words(uint64_t count, uint64_t flags = kKernelPage)
        : data(new_pages(2, flags)), walk(data.window<Walk>())
    {
        *data.memory<Walk>() = {data.address, count};
    }
    // In one period of these all loads of a run are one record.
    uint64_t loads() const { return data.memory<Walk>()->count + kWalkLoads + 1; }
    Pages data;
    const Walk *walk;
};

void run_in_ring_3(const Words &words, uint64_t table)
{
    wrmsr(pmu::kGlobalCtrl, 1);
    run_user_in(table, load_words, words.data.window());
    wrmsr(pmu::kGlobalCtrl, 0);
}

}  // namespace

TEST(pebs_pages, record_may_cross_pages)
{
    const Words words(4);
    for (const uint64_t before : {1, 8, 31, 32, 40, 100, 1231}) {
        pebs::Store store(kKernelPage, 0, kPageSize - before);
        wrmsr(pmu::kPebsDataCfg, kLargest);
        store.sample(0, pmu::kAllLoads, kAdaptiveOs, kWalkLoads + 1);
        pmu::run(1, load_words, words.walk);
        EXPECT_EQ(2u, store.count());  // RET's is the sixth load
        const auto record = store.record(0);
        EXPECT_EQ(pebs::record_size(kLargest), record.basic().size());
        EXPECT_EQ(1u, record.basic().counters);
        EXPECT_EQ(words.data.address, record.memory().address);
        EXPECT_EQ(words.data.address, record.gprs().reg[pebs::kRdi]);
        wrmsr(pmu::kPebsEnable, 0);
    }
}

TEST(pebs_pages, area_may_cross_pages)
{
    const Words words(4);
    for (const uint64_t before : {8, 32, 40, 44, 48, 56, 60, 64, 68}) {
        pebs::Store store(kKernelPage, kPageSize - before);
        store.sample(0, pmu::kAllLoads, kAdaptiveOs, kWalkLoads + 1);
        pmu::run(1, load_words, words.walk);
        EXPECT_EQ(2u, store.count());
        wrmsr(pmu::kPebsEnable, 0);
    }
}

TEST(pebs_pages, without_the_buffer_a_record_is_dropped)
{
    const Words words(50);
    pebs::Store store;
    set_page(store.buffer.address, kNotPresent);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, words.walk);  // no fault
    EXPECT_EQ(0, store.used());
    EXPECT_EQ((words.loads() % 10 - 10) & pmu::kCounterMask, pmu::counter(0));

    set_page(store.buffer.address, kKernelPage);
    pmu::run(1, load_words, words.walk);
    EXPECT(store.count() >= words.loads() / 10);
}

TEST(pebs_pages, without_its_second_page_a_record_is_dropped)
{
    const Words words(4);
    pebs::Store store(kKernelPage, 0, kPageSize - 40);
    set_page(store.buffer.address + kPageSize, kNotPresent);
    wrmsr(pmu::kPebsDataCfg, pebs::kMemory);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, kWalkLoads + 1);
    pmu::run(1, load_words, words.walk);
    EXPECT_EQ(0, store.used());
    // A basic record still fits into what is there.
    wrmsr(pmu::kPebsDataCfg, 0);
    pmu::run(1, load_words, words.walk);
    EXPECT_EQ(1u, store.count());
}

TEST(pebs_pages, without_the_area_nothing_happens)
{
    const Words words(50);
    pebs::Store store;
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    set_page(store.area_pages.address, kNotPresent);
    pmu::run(1, load_words, words.walk);  // no fault
    EXPECT_EQ(0, store.used());
    set_page(store.area_pages.address, kKernelPage);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, words.walk);
    EXPECT_EQ(words.loads() / 10, store.count());
}

TEST(pebs_pages, a_read_only_buffer_is_not_written)
{
    const Words words(50);
    pebs::Store store;
    set_page(store.buffer.address, kPresent);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, words.walk);
    EXPECT_EQ(0, store.used());
    EXPECT_EQ(0, store.buffer.memory()[6]);
}

TEST(pebs_pages, ring_3_writes_to_pages_of_the_kernel)
{
    const Words words(50, kUserPage);
    pebs::Store store(kKernelPage);
    store.sample(0, pmu::kAllLoads, kAdaptiveUsr, 10);
    run_in_ring_3(words, kernel_table());
    EXPECT_EQ(words.loads() / 10, store.count());
}

// SMAP stops the kernel's own accesses to such pages, not the records.
TEST(pebs_pages, smap_does_not_matter)
{
    const Words words(50);
    const Words for_ring_3(50, kUserPage);
    EXPECT(read_cr4() & bit(21));
    pebs::Store store(kUserPage);
    store.sample(0, pmu::kAllLoads, kAdaptiveOs, 10);
    pmu::run(1, load_words, words.walk);
    EXPECT_EQ(words.loads() / 10, store.count());
    store.clear();
    store.sample(0, pmu::kAllLoads, kAdaptiveUsr, 10);
    run_in_ring_3(for_ring_3, kernel_table());
    EXPECT_EQ(for_ring_3.loads() / 10, store.count());
}

// As with page table isolation: in ring 3 there are the area, the buffer, and little else.
TEST(pebs_pages, ring_3_may_have_a_table_of_its_own)
{
    const Words words(50, kUserPage);
    pebs::Store store(kKernelPage);
    const uint64_t table = new_table();
    for (unsigned i = 0; i < 2; i++)
        map_page(table, words.data.address + i * kPageSize, words.data.frame + i * kPageSize,
                 kUserPage);
    map_page(table, store.area_pages.address, store.area_pages.frame, kKernelPage);
    map_page(table, store.buffer.address, store.buffer.frame, kKernelPage);
    store.sample(0, pmu::kAllLoads, kAdaptiveUsr, 10);
    run_in_ring_3(words, table);
    EXPECT_EQ(words.loads() / 10, store.count());
}

// The linear address counts, in the table of the moment: here it is another page there.
TEST(pebs_pages, records_go_through_the_table_of_the_moment)
{
    const Words words(50, kUserPage);
    pebs::Store store(kKernelPage);
    const uint64_t table = new_table();
    map_page(table, words.data.address, words.data.frame, kUserPage);
    map_page(table, store.area_pages.address, store.area_pages.frame, kKernelPage);
    const uint64_t other = new_frames(1);
    map_page(table, store.buffer.address, other, kKernelPage);
    store.sample(0, pmu::kAllLoads, kAdaptiveUsr, 10);
    run_in_ring_3(words, table);
    EXPECT_EQ(words.loads() / 10 * sizeof(pebs::Basic), store.used());
    EXPECT_EQ(1u, reinterpret_cast<const pebs::Basic *>(other)->counters);
    EXPECT_EQ(0, store.record(0).basic().counters);
}

TEST(pebs_pages, a_table_without_the_area_gets_no_records)
{
    const Words words(50, kUserPage);
    pebs::Store store(kKernelPage);
    const uint64_t table = new_table();
    map_page(table, words.data.address, words.data.frame, kUserPage);
    store.sample(0, pmu::kAllLoads, kAdaptiveUsr, 10);
    run_in_ring_3(words, table);
    EXPECT_EQ(0, store.used());
}
