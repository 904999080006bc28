// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's trace pages, captured in a guest (cat per_cpu/cpuN/trace_pipe_raw), with their
// formats.
#include "trace/raw_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "tests/run_command.h"
#include "trace/event_stream.h"

namespace sluice::trace {
namespace {

const std::string tracing = FIXTURES "/6.12-trace/sys/kernel/tracing";
constexpr size_t page_bytes = 4096;

// The captured pages of two CPUs, a few at a time.
class CapturedPages : public PageSource {
public:
    explicit CapturedPages(unsigned at_once = 1000, bool second_late = false)
        : at_once_(at_once), late_(second_late)
    {
        for (const char *cpu : {"cpu0", "cpu1"})
            bytes_.push_back(read_file(tracing + "/per_cpu/" + cpu + "/trace_pipe_raw"));
    }
    unsigned cpus() const override { return static_cast<unsigned>(bytes_.size()); }
    Result<size_t> read(unsigned cpu, std::span<std::byte> page) override
    {
        std::string &left = bytes_[cpu];
        if (cpu == 1 && std::exchange(late_, false))
            return size_t{0};
        if (left.empty() || given_[cpu]++ % (at_once_ + 1) == at_once_)
            return size_t{0};
        const size_t part = std::min(page_bytes, left.size());
        std::memcpy(page.data(), left.data(), part);
        left.erase(0, part);
        return part;
    }

private:
    unsigned at_once_;
    bool late_;  // nothing of the second CPU in the first round
    std::vector<std::string> bytes_;
    std::map<unsigned, unsigned> given_;
};

// "entries: N" of both CPUs: what the kernel says is in the pages.
uint64_t entries()
{
    uint64_t sum = 0;
    for (const char *cpu : {"cpu0", "cpu1"}) {
        const std::string stats = read_file(tracing + "/per_cpu/" + cpu + "/stats");
        sum += std::strtoull(stats.c_str() + stats.find(':') + 1, nullptr, 10);
    }
    return sum;
}

RawParser parser()
{
    auto parser = RawParser::create(Sysroot(FIXTURES "/6.12-trace"), "/sys/kernel/tracing");
    EXPECT_TRUE(parser) << describe(parser.error());
    return std::move(*parser);
}

TEST(RawParser, ReadsEveryEventOfTheCapturedPages)
{
    CapturedPages pages;
    RawParser raw = parser();
    EventStream stream(pages, raw);
    std::map<std::string, uint64_t> events;
    uint64_t time = 0, all = 0, drained = 0;
    ASSERT_TRUE(stream.finish([&](const Timed &timed) {
        EXPECT_GE(timed.time_ns, time) << "in the order of time, whatever the CPU";
        time = timed.time_ns;
        ++all;
        std::visit([&](const auto &event) { ++events[event.name]; }, timed.event);
        if (const auto *drain = std::get_if<Drain>(&timed.event)) {
            EXPECT_LT(drain->cpu, 2u);
            EXPECT_EQ(raw.words().at("drain.cause").count(std::to_string(drain->cause)), 1u);
            drained += drain->nr;
        }
    }));
    EXPECT_EQ(all, entries());
    EXPECT_EQ(stream.missed(), 0u);
    EXPECT_GT(events["drain"], 10u);
    EXPECT_GT(events["epoch"], 3u);
    EXPECT_GT(drained, 0u);
    EXPECT_EQ(raw.words().at("drain.cause").at("0"), "switch");
}

TEST(EventStream, RoundsKeepTheOrderAndLoseNothing)
{
    CapturedPages whole, pieces(1);
    RawParser raw = parser();
    const auto times = [&](PageSource &source, int rounds) {
        std::vector<uint64_t> seen;
        const auto sink = [&](const Timed &timed) { seen.push_back(timed.time_ns); };
        EventStream stream(source, raw);
        for (int i = 0; i < rounds; ++i)
            EXPECT_TRUE(stream.round(sink));
        EXPECT_TRUE(stream.finish(sink));
        EXPECT_TRUE(stream.finish(sink));
        return seen;
    };
    const auto expected = times(whole, 0);
    EXPECT_EQ(expected.size(), entries());
    EXPECT_EQ(times(pieces, 3).size(), expected.size());
    CapturedPages late(1000, true);
    EXPECT_EQ(times(late, 3), expected) << "what is older comes first, however late it is read";
}

TEST(RawParser, SaysWhatThisKernelDoesNotTell)
{
    const auto missing = parser().missing();
    EXPECT_EQ(std::ranges::count(missing, "drain"), 0);
    EXPECT_EQ(std::ranges::count(missing, "process"), 1);
    const auto none = RawParser::create(Sysroot(FIXTURES "/6.12"), "/sys/kernel/tracing");
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::missing);
}

TEST(RawParser, RefusesWhatIsNoPage)
{
    RawParser raw = parser();
    std::vector<Timed> events;
    std::vector<std::byte> bytes(8);
    EXPECT_FALSE(raw.parse(bytes, events));
    bytes.assign(4096, std::byte{0xff});
    EXPECT_FALSE(raw.parse(bytes, events)) << "it claims to be longer than it is";
    EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace sluice::trace
