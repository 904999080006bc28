// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's perf record on a kernel without our patches: which samples a known program must give.
//
// --per-thread: one event follows the thread. (Without it perf opens one for each CPU, each with a
// period of its own.)

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "guest/chi_square.h"
#include "guest/kernel.h"
#include "guest/ktap_listener.h"
#include "guest/perf_tool.h"
#include "guest/perf_work.h"

namespace {

using guest::PerfSample;
using Samples = std::vector<PerfSample>;

constexpr uint64_t kPeriod = 997;
constexpr uint64_t kLoads = WORK_TURNS + WORK_LOADS_BEFORE;
constexpr uint64_t kBins = 16;
// How often a right program may fail. Samples of one thread are the same in every run; those of the
// whole machine are not, so that test is the stricter one with itself.
constexpr double kSignificance = 0.001;
constexpr double kSignificanceOfChance = 1e-6;
constexpr char kAllLoads[] = "--per-thread -c 997 -e cpu/mem-loads,ldlat=3/Pu";

uint64_t expected_samples(uint64_t events, uint64_t period)
{
    return events / period;
}

bool in_buffer(const PerfSample &sample)
{
    return sample.address >= WORK_BUFFER && sample.address < WORK_BUFFER + WORK_BYTES;
}

void expect_all_in_buffer(const Samples &samples)
{
    const auto outside = std::find_if_not(samples.begin(), samples.end(), in_buffer);
    EXPECT_EQ(outside, samples.end()) << fmt::format("{:#x}", outside->address);
}

guest::ChiSquare against(const Samples &samples, const std::array<double, kBins> &probabilities)
{
    std::array<uint64_t, kBins> counts = {};
    for (const auto &sample : samples)
        if (in_buffer(sample))
            counts[(sample.address - WORK_BUFFER) * kBins / WORK_BYTES]++;
    return guest::chi_square(counts, probabilities);
}

std::array<double, kBins> uniform()
{
    std::array<double, kBins> p;
    p.fill(1.0 / kBins);
    return p;
}

// Seven of eight loads go to the first sixteenth, the rest anywhere.
std::array<double, kBins> skewed()
{
    std::array<double, kBins> p;
    p.fill(1.0 / 8 / kBins);
    p[0] += 7.0 / 8;
    return p;
}

void report(const std::string &name, const guest::ChiSquare &test,
            double significance = kSignificance)
{
    fmt::print("{}: chi-square {:.2f}, {} degrees of freedom, p = {:.4f}; significance level {}\n",
               name, test.statistic, test.degrees, test.p, significance);
    guest::measured("chi_square_" + name + "_x1000", static_cast<uint64_t>(test.statistic * 1000));
    guest::measured("p_" + name + "_ppm", static_cast<uint64_t>(test.p * 1e6));
}

// One recording of every 997th load of a program that loads all over its buffer.
class PerfRecordUniform : public testing::Test {
protected:
    static void SetUpTestSuite()
    {
        const auto before = guest::pmis();
        samples_ = guest::perf_record(kAllLoads, guest::work("uniform"));
        pmis_ = guest::pmis() - before;
    }
    static inline Samples samples_;
    static inline uint64_t pmis_;
};

TEST_F(PerfRecordUniform, NoSampleIsMissing)
{
    EXPECT_EQ(samples_.size(), expected_samples(kLoads, kPeriod));
}

TEST_F(PerfRecordUniform, EveryAddressIsInTheBuffer)
{
    expect_all_in_buffer(samples_);
}

TEST_F(PerfRecordUniform, TheInstructionIsTheLoad)
{
    for (const auto &sample : samples_)
        ASSERT_EQ(sample.symbol, "random_load+0x0");
}

TEST_F(PerfRecordUniform, RegistersAreThoseOfTheLoad)
{
    for (const auto &sample : samples_) {
        ASSERT_EQ(sample.registers.at("BX"), sample.address);
        ASSERT_EQ(sample.registers.at("BP"), uint64_t{WORK_BUFFER});
        ASSERT_EQ(sample.registers.at("R12"), uint64_t{WORK_R12});
        ASSERT_EQ(sample.registers.at("R14"), uint64_t{WORK_FACTOR});
    }
}

// The register that counts the turns down tells which load each sample is: every 997th, without
// exception.
TEST_F(PerfRecordUniform, EverySampleIsOnePeriodAfterTheLast)
{
    uint64_t load = 0;
    for (const auto &sample : samples_) {
        load += kPeriod;
        ASSERT_EQ(sample.registers.at("CX"), kLoads - load + 1);
    }
}

TEST_F(PerfRecordUniform, AddressesAreDistributedAsTheLoadsAre)
{
    const auto test = against(samples_, uniform());
    report("uniform", test);
    EXPECT_GT(test.p, kSignificance);
    // The test can tell: these are not the samples of the skewed program.
    EXPECT_LT(against(samples_, skewed()).p, kSignificance);
}

TEST_F(PerfRecordUniform, WeightAndSourceAgree)
{
    std::map<std::string, uint64_t> weight;
    for (const auto &sample : samples_) {
        const auto [known, is_new] = weight.emplace(sample.level, sample.weight);
        ASSERT_TRUE(is_new || known->second == sample.weight) << sample.level;
    }
    EXPECT_EQ(weight.at("L3 hit"), 40u);    // cycles
    EXPECT_EQ(weight.at("RAM hit"), 138u);  // 69 ns at 2 GHz
    EXPECT_FALSE(weight.contains("Remote RAM hit"));
}

TEST_F(PerfRecordUniform, FewInterruptsForManyRecords)
{
    fmt::print("{} PMIs for {} records\n", pmis_, samples_.size());
    guest::measured("large_pebs_records", samples_.size());
    guest::measured("large_pebs_pmis", pmis_);
    EXPECT_LE(pmis_ * 50, samples_.size());
}

TEST_F(PerfRecordUniform, ReportAndAnnotateNameTheLoad)
{
    const std::string file = std::string(" -i ") + guest::kPerfData + " --stdio 2>/dev/null";
    const auto report = guest::run(guest::perf() + " report" + file);
    EXPECT_NE(report.text.find("100.00%  perf-work  perf-work      [.] random_load"),
              std::string::npos)
        << report.text;
    const auto annotate = guest::run(guest::perf() + " annotate -s random_load" + file);
    const auto at = annotate.text.find("100.00 :");
    ASSERT_NE(at, std::string::npos) << annotate.text;
    EXPECT_NE(annotate.text.substr(at, annotate.text.find('\n', at) - at).find("(%rbx),%rdx"),
              std::string::npos)
        << annotate.text;
}

TEST(PerfRecord, SkewedAddressesAreDistributedAsTheLoadsAre)
{
    const auto samples = guest::perf_record(kAllLoads, guest::work("hot"));
    EXPECT_EQ(samples.size(), expected_samples(kLoads, kPeriod));
    expect_all_in_buffer(samples);
    const auto test = against(samples, skewed());
    report("skewed", test);
    EXPECT_GT(test.p, kSignificance);
    EXPECT_LT(against(samples, uniform()).p, kSignificance);
}

TEST(PerfRecord, TwoPebsEventsDoNotDisturbEachOther)
{
    const auto samples = guest::perf_record(
        "--per-thread -e cpu/mem-loads,ldlat=3,period=4999/Pu "
        "-e cpu/event=0xd0,umask=0x82,period=61/Pu",
        guest::work("uniform"));
    Samples loads, stores;
    for (const auto &sample : samples)
        (sample.event.starts_with("cpu/mem-loads") ? loads : stores).push_back(sample);
    expect_all_in_buffer(samples);
    EXPECT_EQ(loads.size(), expected_samples(kLoads, 4999));
    EXPECT_EQ(stores.size(), expected_samples(WORK_BYTES / 4096, 61));
}

TEST(PerfRecord, InstructionsBothPreciselyAndNot)
{
    for (const char *event : {"instructions:upp", "instructions:u"}) {
        const auto samples = guest::perf_record(fmt::format("--per-thread -c 10007 -e {}", event),
                                                guest::work("exact"));
        EXPECT_EQ(samples.size(), expected_samples(WORK_EXACT_INSTRUCTIONS, 10007)) << event;
        for (const auto &sample : samples)
            ASSERT_NE(sample.symbol, "[unknown]") << event;
    }
}

TEST(PerfRecord, Cycles)
{
    const auto samples =
        guest::perf_record("--per-thread -c 100003 -e cycles:u", guest::work("exact"));
    EXPECT_GE(samples.size(), expected_samples(WORK_EXACT_INSTRUCTIONS, 100003));
    EXPECT_LE(samples.size(), expected_samples(WORK_EXACT_INSTRUCTIONS, 100003) + 1);
}

// Time that has passed in user mode may be found out in the kernel that was entered meanwhile, as
// on hardware.
TEST(PerfRecord, ReferenceCycles)
{
    const auto samples =
        guest::perf_record("--per-thread -c 10000019 -e ref-cycles:u", guest::work("uniform"));
    const auto in_program = std::count_if(samples.begin(), samples.end(), [](const auto &s) {
        return s.symbol.starts_with("uniform") || s.symbol.starts_with("random_load");
    });
    fmt::print("{} of {} samples in the program's loop\n", in_program, samples.size());
    EXPECT_GT(samples.size(), 10u);
    EXPECT_GE(static_cast<size_t>(in_program) * 10, samples.size() * 8);
}

// With call chains the kernel wants each record at once.
TEST(PerfRecord, AnInterruptForEveryRecordWhereOneIsWanted)
{
    const auto before = guest::pmis();
    const auto samples = guest::perf_record("--per-thread -c 19997 -g -e cpu/mem-loads,ldlat=3/Pu",
                                            guest::work("uniform"));
    EXPECT_EQ(samples.size(), expected_samples(kLoads, 19997));
    EXPECT_EQ(guest::pmis() - before, samples.size());
}

// Everything on every CPU, kernel included: the program's own samples are still right.
TEST(PerfRecord, WholeMachine)
{
    const auto samples =
        guest::perf_record("-a -c 1009 -e cpu/mem-loads,ldlat=64/P", guest::work("uniform"));
    Samples ours;
    std::copy_if(samples.begin(), samples.end(), std::back_inserter(ours),
                 [](const PerfSample &s) { return s.symbol.starts_with("random_load"); });
    EXPECT_GT(ours.size(), 1500u);
    EXPECT_GT(samples.size(), ours.size());
    expect_all_in_buffer(ours);
    for (const auto &sample : samples)
        ASSERT_GE(sample.weight, 64u);
    const auto test = against(ours, uniform());
    report("whole_machine", test, kSignificanceOfChance);
    EXPECT_GT(test.p, kSignificanceOfChance);
}

}  // namespace
