// SPDX-License-Identifier: GPL-2.0-or-later
// Events that no kernel tells, in a file that is whole: left out, counted, and said.
#include <gtest/gtest.h>

#include "picture/heat_grid.h"
#include "sim/replay.h"
#include "trace/analysis.h"
#include "trace/describe.h"

namespace sluice::trace {
namespace {

constexpr uint64_t mib = 1 << 20, second = 1'000'000'000, heap = 0x10000000;

Range range(uint64_t start, uint64_t end)
{
    return Range{7, 1, start, end, 1024, 1, 16, 8};
}

// One epoch of a process with these ranges.
Recording recording_of(const std::vector<Range> &ranges)
{
    RecordingBuilder builder;
    builder.add({second, Epoch{7, 1, ranges.size(), 0, 0, 0, 0}});
    for (const Range &range : ranges)
        builder.add({second, range});
    ReadSummary summary;
    summary.complete = true;
    return builder.finish(std::move(summary));
}

TEST(Implausible, RangesWithoutAnEndOrBeyondAllAddresses)
{
    Range many_pages = range(heap, heap + mib);
    many_pages.resident_pages = uint64_t{1} << 60;
    const Recording recording =
        recording_of({range(heap, heap), range(heap + mib, heap), range(heap, ~uint64_t{0}),
                      many_pages, range(heap, heap + mib)});
    EXPECT_EQ(recording.implausible, 4u);
    EXPECT_EQ(recording.processes.at(7).epochs[0].ranges.size(), 1u);
    EXPECT_NE(warning_of(recording).find("4 events make no sense"), std::string::npos);
    const HeatGrid grid = make_heat_grid(recording.processes.at(7), 0, {});
    EXPECT_EQ(grid.shown_bytes, mib);
}

TEST(Implausible, RangesThatOverlap)
{
    const Recording recording =
        recording_of({range(heap + mib, heap + 3 * mib), range(heap, heap + 2 * mib),
                      range(heap + 3 * mib, heap + 4 * mib)});
    EXPECT_EQ(recording.implausible, 1u);
    const auto &ranges = recording.processes.at(7).epochs[0].ranges;
    ASSERT_EQ(ranges.size(), 2u);
    EXPECT_EQ(ranges[0].start, heap);
    EXPECT_EQ(ranges[1].start, heap + 3 * mib) << "touches what is gone, overlaps nothing else";
}

TEST(Implausible, AClockThatGoesBack)
{
    RecordingBuilder builder;
    builder.add({3 * second, Epoch{7, 1, 0, 0, 0, 0, 0}});
    builder.add({2 * second, Epoch{7, 2, 0, 0, 0, 0, 0}});
    builder.add({4 * second, Epoch{7, 3, 0, 0, 0, 0, 0}});
    const Recording recording = builder.finish({});
    EXPECT_EQ(recording.implausible, 1u);
    ASSERT_EQ(recording.processes.at(7).epochs.size(), 2u);
    EXPECT_EQ(figures_of(recording.processes.at(7), {}).epochs[1].epoch, 3u);
}

TEST(Implausible, MappingsOutOfOrderAreNotRunOnceMore)
{
    for (const std::vector<Span> &spans :
         {std::vector{Span{7, 1, heap + mib, heap + 2 * mib}, Span{7, 1, heap, heap + mib}},
          std::vector{Span{7, 1, heap + 1, heap + mib}}}) {
        RecordingBuilder builder;
        for (const Span &span : spans)
            builder.add({second, span});
        builder.add({second, Epoch{7, 1, 0, 0, 0, 0, spans.size()}});
        const Recording recording = builder.finish({});
        const auto again = replay(recording, recording.processes.at(7));
        ASSERT_FALSE(again);
        EXPECT_NE(describe(again.error()).find("not in order"), std::string::npos);
    }
}

TEST(Implausible, ADescriptionThatNoCalendarOrPageHas)
{
    Recording recording;
    recording.summary.info.start_s = ~uint64_t{0};
    EXPECT_EQ(origin_of(recording).find("UTC"), std::string::npos);
    Info info;
    for (const uint64_t bytes : {0u, 4095u, 1u << 20}) {
        info.page_bytes = bytes;
        EXPECT_FALSE(parse_info(to_json_text(info))) << bytes;
    }
}

}  // namespace
}  // namespace sluice::trace
