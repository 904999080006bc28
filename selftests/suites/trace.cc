// SPDX-License-Identifier: GPL-2.0-or-later
// The tracepoints tell what happened, completely and without giving secrets away; and so
// does /proc/PID/sluice, to those who may look into a process.

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uintptr_t kAt = 0x300000000000;
const std::string kTracing = "/sys/kernel/tracing/";

struct Event {
    std::string name;
    std::map<std::string, std::string> fields;

    uint64_t number(const std::string &field) const
    {
        const auto it = fields.find(field);
        if (it == fields.end()) {
            ADD_FAILURE() << name << " has no field " << field;
            return 0;
        }
        const std::string &text = it->second;
        const bool hex = text.starts_with("0x");
        uint64_t value = 0;
        const char *begin = text.data() + (hex ? 2 : 0), *end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
        EXPECT_TRUE(error == std::errc() && rest == end) << name << ": " << field << "=" << text;
        return value;
    }
};

// "  comm-12  [000] d..1.  5.123456: sluice_drain: cpu=0 pid=7 nr=3 cause=switch"
std::vector<Event> parse(const std::string &text)
{
    std::vector<Event> events;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const size_t at = line.find(": sluice_");
        if (line.starts_with('#') || at == std::string::npos)
            continue;
        std::istringstream words(line.substr(at + 2));
        Event event;
        words >> event.name;
        event.name.pop_back();
        for (std::string word; words >> word;) {
            const size_t equals = word.find('=');
            if (equals == std::string::npos)
                ADD_FAILURE() << "not a field: " << line;
            else
                event.fields[word.substr(0, equals)] = word.substr(equals + 1);
        }
        events.push_back(std::move(event));
    }
    return events;
}

class Trace : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        ASSERT_EQ(guest::write_text(kTracing + "buffer_size_kb", "32768"), 0);
        clear();
    }
    ~Trace() override { events("0"); }

    static void events(const char *on) { guest::write_text(kTracing + "events/sluice/enable", on); }
    // To open it for writing is to clear it.
    static void clear()
    {
        const int fd = open((kTracing + "trace").c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
        ASSERT_GE(fd, 0);
        close(fd);
    }

    // Everything that happens from enable to disable, while the body runs.
    static std::vector<Event> record(const std::function<void()> &body)
    {
        events("1");
        enable();
        body();
        disable();
        events("0");
        const std::string text = guest::read_text(kTracing + "trace");
        EXPECT_EQ(text.find("LOST"), std::string::npos) << "the trace buffer is too small";
        return parse(text);
    }

    static bool mine(const Event &event)
    {
        return event.fields.contains("pid") &&
               event.number("pid") == static_cast<uint64_t>(getpid());
    }
};

TEST_F(Trace, EverySampleIsTold)
{
    set("sample_period", "509");
    const auto before = Counters::now();
    guest::Buffer buffer(48 * kMiB, 1, kAt);
    ASSERT_EQ(buffer.move_to(1), buffer.pages());
    const auto all = record([&] { ASSERT_GT(buffer.load(8 * kMiB, 8 * kMiB, seconds(8)), 0u); });
    const auto d = Counters::now().since(before);

    std::map<std::string, uint64_t> seen;
    uint64_t drained = 0, classified = 0, out_of_range = 0, inside = 0;
    for (const Event &event : all) {
        seen[event.name]++;
        if (event.name == "sluice_drain") {
            drained += event.number("nr");
            EXPECT_TRUE(event.number("pid") != 0 || event.number("nr") == 0);
        }
        if (event.name == "sluice_epoch") {
            classified += event.number("classified");
            out_of_range += event.number("out_of_range");
        }
        if (event.name == "sluice_sample" && mine(event))
            inside += event.number("addr") >= buffer.start() && event.number("addr") < buffer.end();
    }
    EXPECT_EQ(drained, d["sluice_records"]);
    EXPECT_EQ(classified, d["sluice_classified"]);
    EXPECT_EQ(seen["sluice_sample"], classified + out_of_range);
    EXPECT_GT(inside, 0u);
    EXPECT_EQ(seen["sluice_split"], d["sluice_splits"]);
    EXPECT_EQ(seen["sluice_merge"], d["sluice_merges"]);
    EXPECT_GT(seen["sluice_split"], 0u);
    EXPECT_GT(seen["sluice_place"], 0u);
}

TEST_F(Trace, PagesAreToldAsTheyAreCounted)
{
    const auto before = Counters::now();
    guest::Buffer buffer(48 * kMiB, 2, kAt);
    ASSERT_EQ(buffer.move_to(1), buffer.pages());
    const auto all = record([&] { ASSERT_GT(buffer.load(0, 16 * kMiB, seconds(8)), 0u); });
    const auto d = Counters::now().since(before);

    uint64_t moved = 0, refused = 0;
    for (const Event &event : all) {
        if (event.name == "sluice_relocate") {
            moved += event.number("moved");
            EXPECT_LE(event.number("moved"), event.number("isolated"));
            EXPECT_NE(event.number("from"), event.number("to"));
        }
        if (event.name == "sluice_refuse")
            refused += event.number("pages");
    }
    EXPECT_GT(moved, 0u);
    EXPECT_EQ(moved, d["sluice_promoted"] + d["sluice_demoted"]);
    EXPECT_EQ(refused, d.sum("sluice_refused_"));
}

// Enough to draw a heat map: the ranges of an epoch are sorted, disjoint, lie in the spans and are
// as many as sluice_epoch says, and the hot part stands out.
TEST_F(Trace, RangesDrawAHeatMap)
{
    guest::Buffer buffer(48 * kMiB, 3, kAt);
    const auto all = record([&] { ASSERT_GT(buffer.load(8 * kMiB, 8 * kMiB, seconds(8)), 0u); });

    std::map<uint64_t, std::vector<const Event *>> ranges, spans;
    std::map<uint64_t, uint64_t> nr;
    for (const Event &event : all) {
        if (!mine(event))
            continue;
        if (event.name == "sluice_range")
            ranges[event.number("epoch")].push_back(&event);
        if (event.name == "sluice_span")
            spans[event.number("epoch")].push_back(&event);
        if (event.name == "sluice_epoch")
            nr[event.number("epoch")] = event.number("ranges");
    }
    ASSERT_FALSE(ranges.empty());
    for (const auto &[epoch, list] : ranges) {
        EXPECT_EQ(list.size(), nr[epoch]) << "epoch " << epoch;
        uint64_t end = 0;
        for (const Event *range : list) {
            EXPECT_GE(range->number("start"), end);
            EXPECT_LT(range->number("start"), range->number("end"));
            EXPECT_LE(range->number("fast_pages"), range->number("resident_pages"));
            end = range->number("end");
            EXPECT_TRUE(spans[epoch].empty() ||
                        std::ranges::any_of(spans[epoch],
                                            [&](const Event *span) {
                                                return span->number("start") <=
                                                           range->number("start") &&
                                                       span->number("end") > range->number("start");
                                            }))
                << "epoch " << epoch << ": a range outside all spans";
        }
    }
    uint64_t hot = 0, other = 0;
    for (const Event *range : ranges.rbegin()->second) {
        const uint64_t at = range->number("start");
        const bool inside = at >= buffer.start() + 8 * kMiB && at < buffer.start() + 16 * kMiB;
        (inside ? hot : other) += range->number("count");
    }
    EXPECT_GT(hot, 3 * other);
}

// Values are numbers below 2^47 or words: no kernel address is among them.
TEST_F(Trace, TellsNoKernelAddress)
{
    guest::Buffer buffer(32 * kMiB, 4, kAt);
    const auto all = record([&] { ASSERT_GT(buffer.load(0, 8 * kMiB, seconds(4)), 0u); });
    ASSERT_FALSE(all.empty());
    for (const Event &event : all)
        for (const auto &[field, text] : event.fields) {
            if (std::isdigit(text[0]) != 0) {
                EXPECT_LT(event.number(field), 1ull << 47) << event.name << " " << field;
            }
        }
}

TEST_F(Trace, IsSilentUnlessAsked)
{
    guest::Buffer buffer(32 * kMiB, 5, kAt);
    enable();
    ASSERT_GT(buffer.load(0, 8 * kMiB, seconds(3)), 0u);
    disable();
    EXPECT_TRUE(parse(guest::read_text(kTracing + "trace")).empty());
}

// Addresses are secrets: who may not trace a process may not see its ranges.
int open_as(uid_t uid, const std::string &path)
{
    guest::Child child([&] {
        if (setgid(uid) != 0 || setuid(uid) != 0)
            return 126;
        const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return errno;
        char byte;
        return read(fd, &byte, 1) < 0 ? errno : 0;
    });
    return child.wait();
}

TEST_F(Trace, RangesAreSecret)
{
    enable();
    guest::Child victim([] {
        if (setgid(1000) != 0 || setuid(1000) != 0)
            return 1;
        // Without its own program file it is dumpable again only if it says so.
        prctl(PR_SET_DUMPABLE, 1);
        while (!guest::Child::stopped())
            usleep(10'000);
        return 0;
    });
    const std::string path = "/proc/" + std::to_string(victim.pid()) + "/sluice";
    ASSERT_TRUE(eventually(seconds(20), [&] { return open_as(1000, path) == 0; }))
        << "its own user may look";
    EXPECT_EQ(open_as(1001, path), EACCES);
    EXPECT_EQ(open_as(0, path), 0);
    EXPECT_EQ(open_as(1000, "/proc/1/sluice"), EACCES);
    EXPECT_EQ(victim.stop(), 0);

    // The same user, but a process that may not be traced.
    guest::Child undumpable([] {
        if (setgid(1000) != 0 || setuid(1000) != 0)
            return 1;
        prctl(PR_SET_DUMPABLE, 0);
        while (!guest::Child::stopped())
            usleep(10'000);
        return 0;
    });
    usleep(500'000);
    EXPECT_EQ(open_as(1000, "/proc/" + std::to_string(undumpable.pid()) + "/sluice"), EACCES);
    EXPECT_EQ(undumpable.stop(), 0);
    disable();
}

}  // namespace
