// SPDX-License-Identifier: GPL-2.0-or-later
// The gate: when it drains, how old a sample may become, and what it costs. In virtual time: the
// same run after run, and not a matter of how busy the host is.

#include <algorithm>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "guest/host.h"
#include "guest/ktap_listener.h"
#include "guest/perf_event.h"
#include "guest/process.h"
#include "guest/trace.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using guest::Trace;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uintptr_t kAt = 0x100000000000;

// Loads from its buffer, and gives way after every few.
void load_and_yield(uintptr_t at, std::chrono::steady_clock::time_point until)
{
    guest::pin_to_cpu(0);
    guest::Buffer buffer(4 * kMiB, at, at);
    while (std::chrono::steady_clock::now() < until) {
        EXPECT_GT(buffer.load(milliseconds(0)), 0u);
        sched_yield();
    }
}

class Gate : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        set("min_rss_kb", "0");
    }

    // Drains of CPU 0 for a cause.
    static size_t drains(const std::vector<Trace::Event> &events, const std::string &cause)
    {
        return static_cast<size_t>(
            std::count_if(events.begin(), events.end(), [&cause](const Trace::Event &e) {
                return e.cpu == 0 && e.text.find("cause=" + cause) != std::string::npos;
            }));
    }

    static size_t switches(const std::vector<Trace::Event> &events)
    {
        return static_cast<size_t>(std::count_if(
            events.begin(), events.end(),
            [](const Trace::Event &e) { return e.cpu == 0 && e.name == "sched_switch"; }));
    }
};

TEST_F(Gate, ThreadsOfOneProcessSwitchWithoutDraining)
{
    set("sample_period", "509");
    enable();
    Trace trace({"sluice/sluice_drain", "sched/sched_switch"});
    const auto until = std::chrono::steady_clock::now() + milliseconds(300);
    std::thread a(load_and_yield, kAt, until), b(load_and_yield, 2 * kAt, until);
    a.join();
    b.join();
    const auto events = trace.stop();
    disable();
    const auto all = switches(events);
    EXPECT_GT(all, 200u);
    EXPECT_LT(drains(events, "switch") * 10, all);
}

// The same with two processes: that there is something to drain at most switches.
TEST_F(Gate, ProcessesDrainWhenTheySwitch)
{
    set("sample_period", "509");
    enable();
    Trace trace({"sluice/sluice_drain", "sched/sched_switch"});
    const auto until = std::chrono::steady_clock::now() + milliseconds(300);
    const auto body = [until] {
        load_and_yield(kAt, until);
        return 0;
    };
    guest::Child a(body), b(body);
    EXPECT_EQ(a.wait(), 0);
    EXPECT_EQ(b.wait(), 0);
    const auto events = trace.stop();
    disable();
    const auto all = switches(events);
    EXPECT_GT(all, 200u);
    EXPECT_GT(drains(events, "switch") * 2, all);
}

// One task that hardly ever gives way: the tick takes its samples, 50 ms after the first at the
// latest. After a switch to somebody else there are none that could grow old.
TEST_F(Gate, TheTickBoundsTheAgeOfASample)
{
    constexpr double kBound = 0.050, kOneTick = 0.004;
    guest::pin_to_cpu(0);
    guest::Buffer buffer(16 * kMiB, 1);
    enable();
    Trace trace({"sluice/sluice_drain", "sched/sched_switch"});
    ASSERT_GT(buffer.load(seconds(1)), 0u);
    const auto events = trace.stop();
    disable();
    EXPECT_GE(drains(events, "tick"), 10u) << "it gave way too often: this test shows nothing";
    double last = 0;
    for (const auto &e : events) {
        if (e.cpu != 0)
            continue;
        if (last > 0) {
            EXPECT_LE(e.time_s - last, kBound + kOneTick) << "at " << e.time_s;
        }
        last = e.time_s;
    }
}

// A CPU that becomes idle leaves nothing behind, and then nothing happens there any more.
TEST_F(Gate, AnIdleGuestHoldsNoSamplesAndDoesNothing)
{
    enable();
    {
        guest::Buffer buffer(8 * kMiB, 2);
        ASSERT_GT(buffer.load(milliseconds(500)), 0u);
    }
    ASSERT_TRUE(eventually(seconds(20), [] { return Counters::now().in_flight() == 0; }));
    std::this_thread::sleep_for(seconds(3));
    const auto before = Counters::now();
    std::this_thread::sleep_for(seconds(10));
    const auto d = Counters::now().since(before);
    disable();
    // Reading the counters loads a little, too.
    EXPECT_LE(d["sluice_records"], 5u);
    EXPECT_LE(d["sluice_epochs"], 3u);
}

// A buffer that nobody else needs may fill up to its half, and no further.
TEST_F(Gate, AHalfFullBufferIsDrainedAlsoBetweenThreads)
{
    constexpr uint64_t kHalf = 64 * 1024 / 64 / 2;  // records: buffer_kb, and 64 bytes each
    set("sample_period", "127");
    enable();
    const auto before = Counters::now();
    Trace trace({"sluice/sluice_drain"});
    const auto until = std::chrono::steady_clock::now() + milliseconds(300);
    std::thread a(load_and_yield, kAt, until), b(load_and_yield, 2 * kAt, until);
    a.join();
    b.join();
    const auto events = trace.stop();
    const auto d = Counters::now().since(before);
    disable();
    const auto halves = std::count_if(events.begin(), events.end(), [](const Trace::Event &e) {
        return e.text.find("cause=switch") != std::string::npos && guest::field(e, "nr") >= kHalf;
    });
    EXPECT_GE(halves, 5) << "it does not fill fast enough: this test shows nothing";
    EXPECT_EQ(d["sluice_pmis"], 0u);
}

TEST_F(Gate, ExecAndExitDrain)
{
    constexpr size_t kBeyondTheCache = 16 * kMiB;
    guest::program_that_does_nothing();
    set("sample_period", "127");
    enable();
    Trace trace({"sluice/sluice_drain"});
    // A tick may come first; not each time.
    std::set<uint64_t> exec, exits;
    for (int i = 0; i < 5; i++) {
        const auto load = [] {
            auto *buffer = new guest::Buffer(kBeyondTheCache, 1);  // goes with the process
            return buffer->load(milliseconds(1)) > 0;
        };
        guest::Child a([&load] {
            if (load())
                execl(guest::program_that_does_nothing(), "nothing", nullptr);
            return 127;
        });
        guest::Child b([&load] { return load() ? 0 : 1; });
        exec.insert(static_cast<uint64_t>(a.pid()));
        exits.insert(static_cast<uint64_t>(b.pid()));
        EXPECT_EQ(a.wait(), 0);
        EXPECT_EQ(b.wait(), 0);
    }
    const auto events = trace.stop();
    disable();
    const auto drained = [&events](const std::set<uint64_t> &pids, const std::string &cause) {
        return std::any_of(events.begin(), events.end(), [&](const Trace::Event &e) {
            return pids.contains(guest::field(e, "pid")) && guest::field(e, "nr") > 0 &&
                   e.text.ends_with("cause=" + cause);
        });
    };
    EXPECT_TRUE(drained(exec, "exec"));
    EXPECT_TRUE(drained(exits, "exit"));
}

bool is_pmu_register(unsigned msr)
{
    static const std::set<unsigned> kOthers = {0x1d9, 0x1a6, 0x1a7, 0x345, 0x38d, 0x38e, 0x38f,
                                               0x390, 0x391, 0x392, 0x3f1, 0x3f2, 0x3f6, 0x600};
    return kOthers.contains(msr) || (msr >= 0xc1 && msr <= 0xc8) ||
           (msr >= 0x186 && msr <= 0x18d) || (msr >= 0x309 && msr <= 0x30c) ||
           (msr >= 0x4c1 && msr <= 0x4c8);
}

uint64_t pmu_accesses(guest::Host &host)
{
    uint64_t sum = 0;
    for (const auto &[msr, count] : host.msr_accesses())
        sum += is_pmu_register(msr) ? count : 0;
    return sum;
}

// As the emulated machine counts them, and not as the kernel says.
TEST_F(Gate, SwitchesTouchNoRegisterOfThePmu)
{
    guest::Host host;
    set("sample_period", "1009");
    EXPECT_GT(pmu_accesses(host), 0u) << "the machine does not count";
    const auto never_on = pmu_accesses(host);
    enable();
    const auto start = pmu_accesses(host);
    EXPECT_GT(start, never_on) << "it was not switched on";
    const auto before = Counters::now();
    const auto until = std::chrono::steady_clock::now() + milliseconds(300);
    const auto body = [until] {
        load_and_yield(kAt, until);
        return 0;
    };
    guest::Child a(body), b(body);
    EXPECT_EQ(a.wait(), 0);
    EXPECT_EQ(b.wait(), 0);
    const auto d = Counters::now().since(before);
    EXPECT_EQ(pmu_accesses(host), start);
    disable();
    EXPECT_GT(d["sluice_switches"], 200u);
    EXPECT_GT(d["sluice_drain_switch"], 100u);
    EXPECT_GT(d["sluice_records"], 1000u);
}

constexpr uint64_t kRounds = 10'000;

// A pipe that is open for as long as there is anybody at either end.
struct Pipe {
    Pipe() { EXPECT_EQ(pipe(fds), 0); }
    ~Pipe() { hang_up(); }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
    void hang_up()
    {
        for (int &fd : fds)
            if (fd >= 0)
                close(std::exchange(fd, -1));
    }
    int fds[2];
};

// Sends a byte, and waits for the answer; or the other way around.
bool play(int to, int from, bool first)
{
    char byte = 'x';
    if (first && write(to, &byte, 1) != 1)
        return false;
    for (uint64_t i = 0; i < kRounds; i++)
        if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
            return false;
    return true;
}

// Instructions of the kernel, two switches for each round, on the only CPU.
uint64_t cost_of_rounds(bool processes)
{
    Pipe there, back;
    auto kernel = guest::PerfEvent::kernel_instructions(0);
    EXPECT_EQ(guest::error_name(kernel.error()), "success");
    const auto answer = [&] { return play(back.fds[1], there.fds[0], false); };
    const auto ask = [&] {
        kernel.enable();
        EXPECT_TRUE(play(there.fds[1], back.fds[0], true));
        kernel.disable();
    };
    if (processes) {
        guest::Child other([&answer] { return answer() ? 0 : 1; });
        ask();
        EXPECT_EQ(other.wait(), 0);
    } else {
        std::thread other(answer);
        ask();
        other.join();
    }
    return kernel.count();
}

// Ticks and timers fall differently in each run, and can only add to it: the cheapest of some.
uint64_t least_cost_of_rounds(bool processes)
{
    constexpr int kRuns = 16;
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < kRuns; i++)
        least = std::min(least, cost_of_rounds(processes));
    return least;
}

// What a switch costs that finds no record: the same work with Sluice off and on. The code has 20
// instructions.
TEST_F(Gate, ASwitchWithoutRecordsCostsAboutTwentyInstructions)
{
    set("sample_period", "1000000");
    for (const bool processes : {true, false}) {
        const auto off = least_cost_of_rounds(processes);
        enable();
        const auto before = Counters::now();
        const auto on = least_cost_of_rounds(processes);
        const auto d = Counters::now().since(before);
        disable();
        ASSERT_GE(d["sluice_switches"], 2 * kRounds);
        EXPECT_LE(d["sluice_records"], kRounds / 1000) << "these are not switches without records";
        ASSERT_GT(on, off) << "it does not see what the gate does";
        const auto per_switch_x100 = (on - off) * 100 / (2 * kRounds);
        guest::measured(processes ? "instructions_per_process_switch_x100"
                                  : "instructions_per_thread_switch_x100",
                        per_switch_x100);
        EXPECT_LE(per_switch_x100, 2500u) << "20, and what else differs between two runs";
    }
}

// Instructions that the kernel executes for each record, from the buffer to the channel: the same
// number of loads twice, with few records and with many; what grows with the records is theirs.
TEST_F(Gate, ARecordCostsAtMostFortyInstructions)
{
    struct Cost {
        uint64_t instructions;
        uint64_t records;
    };
    guest::pin_to_cpu(0);
    guest::Buffer buffer(16 * kMiB, 3);
    set("epoch_ms", "50");  // else the channel of one CPU is too small for so many records
    const auto run = [&buffer](const char *period) {
        set("sample_period", period);
        enable();
        EXPECT_TRUE(eventually(seconds(20), [&buffer] {
            buffer.load(milliseconds(100));
            return guest::process_view(getpid()).managed;
        }));
        auto kernel = guest::PerfEvent::kernel_instructions();
        EXPECT_EQ(guest::error_name(kernel.error()), "success");
        const auto before = Counters::now();
        kernel.enable();
        for (int i = 0; i < 1000; i++)
            EXPECT_GT(buffer.load(milliseconds(0)), 0u);
        kernel.disable();
        const auto d = Counters::now().since(before);
        disable();
        EXPECT_EQ(d["sluice_drop_channel_full"], 0u);
        EXPECT_EQ(d["sluice_drop_unmanaged"], 0u);
        return Cost{kernel.count(), d["sluice_records"]};
    };
    const auto few = run("40009");
    const auto many = run("307");
    ASSERT_GT(many.records, few.records + 5000);
    ASSERT_GT(many.instructions, few.instructions);
    const auto per_record_x100 =
        (many.instructions - few.instructions) * 100 / (many.records - few.records);
    guest::measured("kernel_instructions_per_record_x100", per_record_x100);
    guest::measured("records", many.records);
    EXPECT_LE(per_record_x100, 4000u);
}

}  // namespace
