// SPDX-License-Identifier: GPL-2.0-or-later
// The direct user of PEBS: what it programs, how much it buffers, and the company of perf.

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "guest/ktap_listener.h"
#include "guest/perf_event.h"
#include "guest/trace.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using guest::PerfEvent;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint64_t kLatency = 64;
constexpr size_t kRecord = 64;  // bytes: a basic group and one of memory

// Everything that perf has got of the PEBS records of this guest's life.
uint64_t perf_records = 0;

// Works from one end to the other and reads nothing of it.
void store(std::vector<uint64_t> &words, milliseconds how_long)
{
    const auto end = std::chrono::steady_clock::now() + how_long;
    while (std::chrono::steady_clock::now() < end)
        for (size_t i = 0; i < words.size(); i++)
            static_cast<volatile uint64_t *>(words.data())[i] = i;
}

uint64_t counted_in(const guest::ProcessView &view, uintptr_t start, uintptr_t end)
{
    uint64_t sum = 0;
    for (const auto &r : view.ranges)
        if (r.start < end && r.end > start)
            sum += r.count_milli;
    return sum;
}

// General counters of this CPU that nobody uses.
unsigned free_counters()
{
    constexpr uint64_t kLlcReferences = 0x4f2e;
    std::vector<PerfEvent> events;
    while (events.size() < 32) {
        events.push_back(PerfEvent::pinned_on_cpu(PERF_TYPE_RAW, kLlcReferences, 0));
        if (!events.back().has_counter())
            return static_cast<unsigned>(events.size()) - 1;
    }
    return 32;
}

// For a while, and until so many loads have been done: a slow kernel on a busy host does few in a
// while.
bool load(guest::Buffer &buffer, milliseconds how_long, uint64_t at_least)
{
    for (uint64_t done = 0; done < at_least; how_long = milliseconds(100)) {
        const auto n = buffer.load(how_long);
        if (n == 0)
            return false;
        done += n;
    }
    return true;
}

class Pebs : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        guest::pin_to_cpu(0);
        set("min_rss_kb", "0");
    }

    static size_t take(PerfEvent &event)
    {
        const auto n = event.samples().size();
        perf_records += n;
        return n;
    }

    // The most records that one drain of CPU 0 found while storing at full speed.
    static uint64_t most_at_once(const std::string &buffer_kb)
    {
        set("sample_stores", "127");
        set("buffer_kb", buffer_kb);
        std::vector<uint64_t> words(kMiB);
        enable();
        guest::Trace trace({"sluice/sluice_drain"});
        store(words, milliseconds(1500));
        uint64_t most = 0;
        for (const auto &event : trace.stop())
            if (event.cpu == 0)
                most = std::max(most, guest::field(event, "nr"));
        disable();
        return most;
    }
};

TEST_F(Pebs, TakesTheCountersItNeedsAndGivesThemBack)
{
    guest::KernelLog log(guest::KernelLog::kStart);
    const bool aux = log.has("Sapphire Rapids events");
    const auto before = free_counters();
    enable();
    EXPECT_EQ(free_counters(), before - (aux ? 2 : 1));
    disable();
    set("sample_stores", "100003");
    enable();
    EXPECT_EQ(free_counters(), before - (aux ? 3 : 2));
    disable();
    EXPECT_EQ(free_counters(), before);
}

TEST_F(Pebs, RefusesWhenTheCountersAreTakenAndSaysSo)
{
    std::vector<PerfEvent> events;
    do
        events.push_back(PerfEvent::pinned_on_cpu(PERF_TYPE_RAW, 0x4f2e, 0));
    while (events.back().has_counter());
    guest::KernelLog log(guest::KernelLog::kNow);
    EXPECT_EQ(guest::error_name(guest::write_knob("enabled", "1")), "EBUSY");
    EXPECT_TRUE(log.has("performance counters are in use"));
    EXPECT_EQ(guest::read_knob("enabled"), "0");
    events.clear();
    enable();
    disable();
}

TEST_F(Pebs, StoresAreNotSampledByDefault)
{
    std::vector<uint64_t> words(kMiB);
    const auto before = Counters::now();
    enable();
    store(words, seconds(1));
    disable();
    EXPECT_EQ(Counters::now().since(before)["sluice_stores"], 0u);
}

TEST_F(Pebs, StoresAreClassifiedWhereTheyWere)
{
    set("sample_stores", "10007");
    set("sample_period", "1000003");
    std::vector<uint64_t> words(4 * kMiB);
    const auto start = reinterpret_cast<uintptr_t>(words.data());
    const auto before = Counters::now();
    enable();
    ASSERT_TRUE(eventually(seconds(60), [&] {
        store(words, milliseconds(500));
        return guest::process_view(getpid()).samples > 100;
    }));
    const auto view = guest::process_view(getpid());
    disable();
    const auto d = Counters::now().since(before);
    const auto inside = counted_in(view, start, start + words.size() * sizeof(words[0]));
    EXPECT_GT(inside, 0u) << view.text;
    EXPECT_GT(inside * 10, counted_in(view, 0, UINTPTR_MAX) * 9) << view.text;
    EXPECT_GT(d["sluice_stores"] * 10, d["sluice_records"] * 9);
    EXPECT_LE(d["sluice_stores"], d["sluice_records"]);
    EXPECT_EQ(d.in_flight(), 0);
}

TEST_F(Pebs, LoadsAndStoresTogetherBalance)
{
    set("sample_stores", "5003");
    set("sample_period", "251");
    const auto before = Counters::now();
    enable();
    guest::Buffer buffer(32 * kMiB, 1);
    std::vector<uint64_t> words(kMiB);
    for (int i = 0; i < 4; i++) {
        ASSERT_GT(buffer.load(milliseconds(500)), 0u);
        store(words, milliseconds(500));
    }
    disable();
    const auto d = Counters::now().since(before);
    EXPECT_GT(d["sluice_stores"], 100u);
    EXPECT_GT(d["sluice_records"], d["sluice_stores"] + 100u);
    EXPECT_EQ(d.in_flight(), 0);
}

TEST_F(Pebs, ASmallBufferIsDrainedEarlier)
{
    const auto small = most_at_once("16");
    EXPECT_GT(small, 0u);
    EXPECT_LE(small, 16 * 1024 / kRecord);
    const auto usual = most_at_once("64");
    EXPECT_GT(usual, 16 * 1024 / kRecord) << "this machine is too slow to fill the small buffer";
    EXPECT_LE(usual, 64 * 1024 / kRecord);
}

TEST_F(Pebs, SharesTheBufferWithLargePebsOfPerf)
{
    guest::Buffer buffer(32 * kMiB, 2);
    const auto before = Counters::now();
    set("sample_period", "509");
    enable();
    auto event = PerfEvent::load_latency(kLatency, 1009);
    ASSERT_EQ(guest::error_name(event.error()), "success");
    event.enable();
    ASSERT_GT(buffer.load(seconds(3)), 0u);
    event.disable();
    disable();
    const auto d = Counters::now().since(before);
    const auto theirs = take(event);
    EXPECT_GT(theirs, 100u);
    // Half the period, and ours runs a little longer.
    EXPECT_GT(d["sluice_records"], theirs * 3 / 2);
    EXPECT_GT(d["sluice_shared"], 0u);
    EXPECT_EQ(d["sluice_pmis_shared"], 0u);
    EXPECT_EQ(d.in_flight(), 0);
}

// An event that wants each record at once lowers the threshold for everybody.
TEST_F(Pebs, SurvivesAnEventThatInterruptsForEachRecord)
{
    guest::Buffer buffer(32 * kMiB, 3);
    const auto before = Counters::now();
    set("sample_period", "1009");
    enable();
    auto event = PerfEvent::load_latency(kLatency, 20011, PerfEvent::AtATime::one);
    ASSERT_EQ(guest::error_name(event.error()), "success");
    event.enable();
    ASSERT_TRUE(load(buffer, seconds(3), 20 * 20011));
    event.disable();
    const auto theirs = take(event);
    const auto with = Counters::now().since(before);
    EXPECT_GT(theirs, 10u);
    EXPECT_GT(with["sluice_records"], theirs * 10);
    EXPECT_GT(with["sluice_pmis"], 0u);
    EXPECT_EQ(with["sluice_pmis_shared"], with["sluice_pmis"]) << "all are due to the company";

    // Once it has gone, the threshold is as before: no more interrupts.
    const auto alone = Counters::now();
    ASSERT_GT(buffer.load(seconds(3)), 0u);
    disable();
    const auto d = Counters::now().since(alone);
    EXPECT_GT(d["sluice_records"], 100u);
    EXPECT_EQ(d["sluice_pmis"], 0u);
    EXPECT_EQ(Counters::now().since(before).in_flight(), 0);
}

TEST_F(Pebs, PerfIsAsBeforeOnceItIsOff)
{
    guest::Buffer buffer(32 * kMiB, 4);
    set("buffer_kb", "16");
    enable();
    ASSERT_GT(buffer.load(milliseconds(500)), 0u);
    disable();
    auto event = PerfEvent::load_latency(kLatency, 1009);
    event.enable();
    ASSERT_TRUE(load(buffer, seconds(2), 200 * 1009));
    event.disable();
    EXPECT_GT(take(event), 100u);
}

// Every PEBS record of this guest's life was either ours or perf's.
TEST_F(Pebs, TellsTheHarnessWhatBothGot)
{
    const auto now = Counters::now();
    EXPECT_EQ(now.in_flight(), 0);
    guest::measured("pebs_records", now["sluice_records"] + perf_records);
}

}  // namespace
