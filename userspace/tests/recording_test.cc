// SPDX-License-Identifier: GPL-2.0-or-later
// From events to figures and pictures, on recordings made up for it.
#include "trace/recording.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <algorithm>
#include "picture/heat_grid.h"
#include "picture/heat_svg.h"
#include "picture/heat_text.h"
#include "picture/html_report.h"
#include "picture/tier_outline.h"
#include "sim/replay.h"
#include "sim/simulator.h"
#include "tests/run_command.h"
#include "trace/analysis.h"
#include "trace/process_filter.h"
#include "trace/raw_parser.h"
#include "trace/tracefs.h"

namespace sluice::trace {
namespace {

constexpr uint64_t mib = 1 << 20, page = 4096, second = 1'000'000'000;
constexpr uint64_t heap = 0x10000000, arena = 0x7f0000000000;

// Two pieces of memory, 8 MiB each; the arena is hot and slow at first, then moved up.
Recording example()
{
    RecordingBuilder builder;
    builder.add({second, Process{7, 1024 * mib, 16 * mib, "gups"}});
    for (uint64_t epoch = 1; epoch <= 4; ++epoch) {
        const uint64_t time = epoch * second;
        const bool moved = epoch > 2;
        builder.add({time, Span{7, epoch, heap, heap + 8 * mib}});
        for (uint64_t i = 0; i < 90; ++i)
            builder.add({time, Sample{7, epoch, arena + i * page}});
        for (uint64_t i = 0; i < 10; ++i)
            builder.add({time, Sample{7, epoch, heap + i * page}});
        builder.add({time, Epoch{7, epoch, 2, 100, 3, 1, 2}});
        builder.add({time, Rank{2048, 25, 0, 0, 2}});
        builder.add({time, Range{7, epoch, arena, arena + 8 * mib, uint64_t{360} * 1024, epoch,
                                 2048, moved ? uint64_t{2048} : 0, 0}});
        builder.add({time, Range{7, epoch, heap, heap + 8 * mib, uint64_t{40} * 1024, epoch, 1024,
                                 moved ? 0 : uint64_t{1024}, 1}});
        if (epoch == 2) {
            builder.add({time, Relocate{7, arena, arena + 8 * mib, 1, 0, 2048, 2048, 0}});
            builder.add({time, Relocate{7, heap, heap + 8 * mib, 0, 1, 1024, 1024, 0}});
            builder.add({time, Refuse{7, heap, heap + 8 * mib, 2, 5}});
        }
        if (epoch == 3)
            builder.add({time, Relocate{7, heap, heap + 8 * mib, 1, 0, 512, 512, 0}});
    }
    builder.add({4 * second, Drain{0, 7, 100, 1}});
    builder.add({4 * second, Lost{0, 5}});
    ReadSummary summary;
    summary.info.words["refuse.reason"]["2"] = "nomem";
    summary.info.words["drain.cause"]["1"] = "tick";
    summary.complete = true;
    return builder.finish(std::move(summary));
}

TEST(Recording, SortsEventsByProcessAndEpoch)
{
    const Recording recording = example();
    ASSERT_EQ(recording.processes.size(), 1u);
    const ProcessRecord &process = recording.processes.at(7);
    EXPECT_EQ(process.about.comm, "gups");
    ASSERT_EQ(process.epochs.size(), 4u);
    EXPECT_EQ(process.epochs[1].samples.size(), 100u);
    EXPECT_EQ(process.epochs[1].spans.size(), 1u);
    EXPECT_EQ(process.epochs[1].ranges[0].start, heap) << "by address";
    EXPECT_EQ(process.epochs[1].moves.size(), 2u);
    EXPECT_EQ(recording.lost, 5u);
    EXPECT_EQ(recording.ranks.size(), 4u);
}

TEST(Recording, ChoosesTheProcessOrSaysWhichThereAre)
{
    const Recording recording = example();
    EXPECT_EQ((*choose_process(recording, 0))->about.pid, 7u);
    const auto other = choose_process(recording, 8);
    ASSERT_FALSE(other);
    EXPECT_NE(describe(other.error()).find("it has 7"), std::string::npos);
    EXPECT_FALSE(choose_process(Recording(), 0));
}

TEST(Recording, ChoosesTheProcessThatIsAskedFor)
{
    Recording recording = example();
    recording.processes[8] = recording.processes.at(7);
    recording.processes[8].about.pid = 8;
    recording.processes[8].epochs.pop_back();
    EXPECT_EQ((*choose_process(recording, 0))->about.pid, 7u) << "it has more samples";
    EXPECT_EQ((*choose_process(recording, 8))->about.pid, 8u);
}

// Of a range that is larger than what is missing to 90 %, only a part is needed.
TEST(Analysis, WorkingSetTakesAPartOfTheLastRange)
{
    Recording recording = example();
    ProcessRecord &process = recording.processes.at(7);
    for (EpochRecord &epoch : process.epochs)
        epoch.ranges = {Range{7, 1, heap, heap + 8 * mib, uint64_t{1000} * 1024, 1, 2000, 0, 1}};
    const ProcessFigures figures = figures_of(process, recording.summary.info);
    EXPECT_EQ(figures.epochs[0].working_set_bytes, 1800 * page);
}

TEST(Analysis, Figures)
{
    const Recording recording = example();
    const ProcessFigures figures = figures_of(recording.processes.at(7), recording.summary.info);
    EXPECT_EQ(figures.samples, 400u);
    EXPECT_EQ(figures.out_of_range, 12u);
    EXPECT_EQ(figures.dropped, 4u);
    EXPECT_EQ(figures.promoted_bytes, (2048 + 512) * page);
    EXPECT_EQ(figures.demoted_bytes, 1024 * page);
    EXPECT_EQ(figures.ping_pong_bytes, 512 * page) << "the heap went down, and half of it up again";
    EXPECT_EQ(figures.refused_pages.at("nomem"), 5u);
    // The heap is fast first (10 % of samples), the arena later: seen one epoch after.
    EXPECT_DOUBLE_EQ(*figures.epochs[0].hit_ratio, 0.1);
    EXPECT_DOUBLE_EQ(*figures.epochs[1].hit_ratio, 0.1);
    EXPECT_DOUBLE_EQ(*figures.epochs[2].hit_ratio, 0.1);
    EXPECT_DOUBLE_EQ(*figures.epochs[3].hit_ratio, 0.9);
    EXPECT_EQ(figures.epochs[0].resident_bytes, 3072 * page);
    EXPECT_EQ(figures.epochs[0].fast_bytes, 1024 * page);
    // 90 % of 400 counts is just what the arena has.
    EXPECT_EQ(figures.epochs[0].working_set_bytes, 2048 * page);
    EXPECT_EQ(figures.ranges[0].start, arena) << "densest first";
    EXPECT_DOUBLE_EQ(density_of(figures.ranges[0], page), 45.0);
    EXPECT_EQ(density_of(Range(), page), 0.0);
}

// The last epoch of a program that ends has what was not given back yet.
TEST(Analysis, TheEndIsBeforeTheMemoryIsGivenBack)
{
    Recording recording = example();
    ProcessRecord &process = recording.processes.at(7);
    EXPECT_EQ(figures_of(process, recording.summary.info).end, 3u);
    process.epochs.push_back(process.epochs.back());
    process.epochs.back().ranges = {Range{7, 5, heap, heap + mib, 0, 5, 3, 0, 1}};
    const ProcessFigures figures = figures_of(process, recording.summary.info);
    EXPECT_EQ(figures.end, 3u);
    EXPECT_EQ(figures.ranges.size(), 2u);
    EXPECT_EQ(end_of(figures).resident_bytes, 3072 * page);
    EXPECT_NE(html_report(recording, process).find("epoch 4 of 5"), std::string::npos);
}

TEST(HeatGrid, WhatIsInAHoleIsNotShown)
{
    Recording recording = example();
    ProcessRecord &process = recording.processes.at(7);
    process.epochs[0].samples.push_back(heap + 4096 * mib);
    const HeatGrid grid = make_heat_grid(process, recording.first_ns, {});
    EXPECT_EQ(grid.all_samples, 401u);
    EXPECT_EQ(grid.samples, 400u);
}

TEST(HeatGrid, CountsEverySampleOnce)
{
    const Recording recording = example();
    HeatOptions options;
    options.rows = 8;
    options.columns = 2;
    const HeatGrid grid = make_heat_grid(recording.processes.at(7), recording.first_ns, options);
    ASSERT_EQ(grid.columns.size(), 2u);
    EXPECT_EQ(grid.columns[0].epochs, 2u);
    EXPECT_EQ(grid.columns[0].start_ns, 0u);
    EXPECT_EQ(grid.columns[1].end_ns, 4 * second) << "the first began one before it was told";
    EXPECT_EQ(grid.shown_bytes, 16 * mib);
    EXPECT_EQ(grid.virtual_bytes, 1024 * mib);
    uint64_t sum = 0, holes = 0;
    for (const HeatCell &cell : grid.cells)
        sum += cell.samples;
    for (const HeatRow &row : grid.rows)
        holes += row.after_hole;
    EXPECT_EQ(sum, 400u);
    EXPECT_EQ(grid.samples, 400u);
    EXPECT_EQ(holes, 1u);
    for (size_t i = 1; i < grid.rows.size(); ++i)
        EXPECT_EQ(grid.rows[i].start != grid.rows[i - 1].end, grid.rows[i].after_hole);
    EXPECT_EQ(grid.rows.front().start, heap);
    EXPECT_EQ(grid.rows.back().end, arena + 8 * mib);
    // The arena's first row: all its samples, nothing fast, then all.
    const size_t row = static_cast<size_t>(std::ranges::find(grid.rows, arena, &HeatRow::start) -
                                           grid.rows.begin());
    ASSERT_LT(row, grid.rows.size());
    EXPECT_EQ(grid.at(row, 0).samples, 180u);
    EXPECT_DOUBLE_EQ(*grid.at(row, 0).fast, 0.0);
    EXPECT_DOUBLE_EQ(*grid.at(row, 1).fast, 1.0);
    EXPECT_EQ(grid.level(grid.at(row, 1)), heat_levels);
    EXPECT_EQ(grid.level(HeatCell()), 0u);
    HeatCell faint;
    faint.samples = 1;
    faint.density = grid.hottest / 1e6;
    EXPECT_EQ(grid.level(faint), 1u) << "one sample is not none";
}

TEST(HeatGrid, ZoomsAndCopesWithNothing)
{
    const Recording recording = example();
    HeatOptions options;
    options.from = arena;
    options.to = arena + mib;
    const HeatGrid grid = make_heat_grid(recording.processes.at(7), recording.first_ns, options);
    EXPECT_EQ(grid.shown_bytes, mib);
    EXPECT_EQ(grid.samples, 360u);
    EXPECT_EQ(grid.all_samples, 400u);
    options.from = options.to = 1;
    const HeatGrid none = make_heat_grid(recording.processes.at(7), recording.first_ns, options);
    EXPECT_TRUE(none.rows.empty());
    EXPECT_NE(heat_svg(none, {}, true).find("</svg>"), std::string::npos);
}

TEST(HeatGrid, ManySmallMappingsFitThePicture)
{
    ProcessRecord process;
    EpochRecord epoch;
    epoch.time_ns = second;
    for (uint64_t i = 0; i < 500; ++i) {
        epoch.ranges.push_back({1, 1, i * 16 * mib, i * 16 * mib + mib, 0, 1, 256, 0, 1});
        epoch.samples.push_back(i * 16 * mib + 5);
    }
    process.epochs.push_back(epoch);
    const HeatGrid grid = make_heat_grid(process, 0, {});
    EXPECT_LE(grid.rows.size(), 48u);
    EXPECT_EQ(grid.samples, 500u);
}

TEST(HeatText, TellsUnitsAxesAndCoverage)
{
    const Recording recording = example();
    HeatOptions options;
    options.rows = 8;
    const HeatGrid grid = make_heat_grid(recording.processes.at(7), recording.first_ns, options);
    const std::string text = heat_text(grid, {"gups (pid 7)", 0});
    for (const char *expected :
         {"gups (pid 7)", "16.0 MiB of addresses in 2 pieces, 1.6 % of the 1.0 GiB",
          "400 of its 400 samples (100.0 %)", "samples per MiB and second", "7f0000000000 |",
          "hole", "seconds", "|ssFF|"})
        EXPECT_NE(text.find(expected), std::string::npos) << expected << "\n" << text;
    const std::string csv = heat_csv(grid);
    EXPECT_EQ(static_cast<size_t>(std::ranges::count(csv, '\n')), 1 + grid.cells.size());
    EXPECT_TRUE(csv.starts_with("start_ns,end_ns,start_address,end_address,samples,"));
}

TEST(HeatSvg, IsSelfContainedAndEscaped)
{
    const Recording recording = example();
    const HeatGrid grid = make_heat_grid(recording.processes.at(7), recording.first_ns, {});
    const std::string svg = heat_svg(grid, {"a <b> & \"c\" \x01", 0}, true);
    EXPECT_NE(svg.find("a &lt;b&gt; &amp; &quot;c&quot; ?"), std::string::npos);
    EXPECT_EQ(svg.find("http", svg.find("http") + 1), std::string::npos)
        << "only the name of the language";
    EXPECT_NE(svg.find("class=\"fast\""), std::string::npos);
    EXPECT_NE(svg.find("class=\"h9\""), std::string::npos);
    EXPECT_NE(svg.find("samples per MiB</text>"), std::string::npos);
    EXPECT_NE(svg.find("and second, up to</text>"), std::string::npos);
}

// Columns are as wide as their time is long, and ticks are at round seconds.
TEST(HeatSvg, TimeIsInProportion)
{
    HeatGrid grid;
    grid.rows = {{0, 1, false}};
    grid.columns = {{0, 1'000'000'000, 1}, {1'000'000'000, 4'000'000'000, 1}};
    grid.cells.resize(2);
    const HeatLayout layout = lay_out(grid);
    ASSERT_EQ(layout.x.size(), 3u);
    EXPECT_DOUBLE_EQ(layout.x[2] - layout.x[1], 3 * (layout.x[1] - layout.x[0]));
    const std::string svg = heat_svg(grid, {"title", 0}, true);
    EXPECT_NE(svg.find(">0.5</text>"), std::string::npos) << svg;
    EXPECT_NE(svg.find(">3.5</text>"), std::string::npos);
}

// Two pieces of two rows, three moments: the border goes around what is fast, not along the frame.
TEST(TierOutline, GoesAroundWhatIsFast)
{
    HeatGrid grid;
    grid.rows = {{0, 1, false}, {1, 2, false}, {8, 9, true}, {9, 10, false}};
    grid.columns = {{0, 1, 1}, {1, 2, 1}, {2, 3, 1}};
    grid.cells.resize(12);
    for (HeatCell &cell : grid.cells)
        cell.fast = 0.0;
    const HeatLayout layout{5, {100, 110, 120, 130}, {0, 5, 20, 25, 30}};
    EXPECT_EQ(tier_outline(grid, layout), "");
    // The lower row of the first piece from the second moment on; the lower piece always.
    for (const size_t cell : {4, 5, 6, 7, 8, 9, 10, 11})
        grid.cells[cell].fast = 0.6;
    grid.cells[0].fast = 0.5;  // not most of it
    EXPECT_EQ(tier_outline(grid, layout),
              "M110.0 5.0H130.0"   // above the lower row
              "M110.0 10.0H130.0"  // below it
              "M110.0 5.0v5.0"     // where it begins
              "M100.0 20.0H130.0M100.0 30.0H130.0");
}

TEST(HtmlReport, HasEverythingInside)
{
    Recording recording = example();
    recording.processes.at(7).about.comm = "</script><b>";
    const std::string page = html_report(recording, recording.processes.at(7));
    EXPECT_EQ(page.find("</script><b>"), std::string::npos);
    for (const char *id : {"id=\"map\"", "id=\"readout\"", "id=\"hit-ratio\"", "id=\"migrations\"",
                           "id=\"ranking\"", "id=\"drops\"", "id=\"heat-data\"", "role=\"alert\""})
        EXPECT_NE(page.find(id), std::string::npos) << id;
    for (const char *outside : {"src=", "href=", "@import", "fetch(", "url(http"})
        EXPECT_EQ(page.find(outside), std::string::npos) << outside;
}

// The simulator's recording, once more: the same code on the same input.
Recording simulated(SimConfig config)
{
    RecordingBuilder builder;
    EXPECT_TRUE(simulate(config, [&](const Timed &timed) { builder.add(timed); }));
    ReadSummary summary;
    summary.info.knobs = {{"min_range_kb", config.min_range >> 10},
                          {"split_threshold", config.split_threshold}};
    return builder.finish(std::move(summary));
}

SimConfig shifting()
{
    SimConfig config;
    config.pattern.kind = PatternKind::shifting;
    config.pattern.shift_epochs = 12;
    config.epochs = 40;
    return config;
}

TEST(Replay, DecidesTheSameOnTheSameInput)
{
    const Recording recording = simulated(shifting());
    const auto result = replay(recording, recording.processes.begin()->second);
    ASSERT_TRUE(result) << describe(result.error());
    EXPECT_TRUE(result->same()) << (result->differences.empty() ? "" : result->differences[0]);
    EXPECT_EQ(result->epochs, 40u);
    EXPECT_GT(result->splits, 4u);
    EXPECT_GT(result->ranges, 40u);
}

TEST(Replay, SeesEveryKindOfDifference)
{
    const Recording good = simulated(shifting());
    const uint64_t pid = good.processes.begin()->first;
    const auto differs = [&](auto change) {
        Recording recording = good;
        change(recording.processes.at(pid).epochs[20], recording);
        const auto result = replay(recording, recording.processes.at(pid));
        ASSERT_TRUE(result) << describe(result.error());
        EXPECT_FALSE(result->same());
        EXPECT_FALSE(result->differences.empty());
    };
    differs([](EpochRecord &epoch, Recording &) { epoch.ranges[1].count += 1; });
    differs([](EpochRecord &epoch, Recording &) { epoch.ranges[1].start += page; });
    differs([](EpochRecord &epoch, Recording &) { epoch.ranges.pop_back(); });
    differs([](EpochRecord &epoch, Recording &) {
        for (uint64_t &sample : epoch.samples)
            sample = epoch.ranges[0].start;
    });
    differs([](EpochRecord &, Recording &recording) {
        recording.summary.info.knobs["split_threshold"] = 3000;
    });
    differs([](EpochRecord &epoch, Recording &) {
        const Range &range = epoch.ranges[0];
        epoch.places.push_back({range.pid, range.epoch, range.start, range.end, 1, 0, 1, 12345, 0});
    });
}

// Each kind by itself makes a run another one.
TEST(Replay, AnyDifferenceCounts)
{
    for (uint64_t ReplayResult::*count :
         {&ReplayResult::epochs_with_other_splits, &ReplayResult::epochs_with_other_ranges,
          &ReplayResult::epochs_with_other_ranking, &ReplayResult::other_placements}) {
        ReplayResult result;
        EXPECT_TRUE(result.same());
        result.*count = 1;
        EXPECT_FALSE(result.same());
    }
}

// The kernel's placements of the hottest range and of the coldest, in the right order and not.
TEST(Replay, SeesAnotherOrderAndOtherSplits)
{
    const Recording good = simulated(shifting());
    const uint64_t pid = good.processes.begin()->first;
    const auto replayed = [&](bool hottest_first, bool one_split_more) {
        Recording recording = good;
        EpochRecord &epoch = recording.processes.at(pid).epochs[20];
        const auto [coldest, hottest] =
            std::ranges::minmax_element(epoch.ranges, {}, &Range::density);
        for (const Range &range :
             {hottest_first ? *hottest : *coldest, hottest_first ? *coldest : *hottest})
            epoch.places.push_back(
                {pid, range.epoch, range.start, range.end, 1, 0, 1, range.density, 0});
        if (one_split_more)
            epoch.splits.push_back({pid, 21, coldest->start, coldest->start + page, coldest->end});
        return replay(recording, recording.processes.at(pid)).value();
    };
    EXPECT_TRUE(replayed(true, false).same());
    EXPECT_EQ(replayed(false, false).epochs_with_other_ranking, 1u);
    EXPECT_EQ(replayed(true, true).epochs_with_other_splits, 1u);
}

TEST(Replay, SaysWhyItCannot)
{
    Recording recording = simulated(shifting());
    ProcessRecord &process = recording.processes.begin()->second;
    const EpochRecord fifth = process.epochs[5];
    process.epochs.erase(process.epochs.begin() + 5);
    EXPECT_NE(describe(replay(recording, process).error()).find("epoch 5 is followed by epoch 7"),
              std::string::npos);
    process.epochs.insert(process.epochs.begin() + 5, fifth);
    process.epochs[5].samples.pop_back();
    EXPECT_NE(describe(replay(recording, process).error()).find("epoch 6 has"), std::string::npos);
    process.epochs.erase(process.epochs.begin());
    EXPECT_NE(describe(replay(recording, process).error()).find("starts with epoch 2"),
              std::string::npos);
}

TEST(Symbols, AreReadFromTheFormat)
{
    const auto symbols = symbols_of(
        "print fmt: \"cpu=%d cause=%s why=%s\", REC->cpu, __print_symbolic(REC->cause, { 0, "
        "\"switch\" }, { 1, \"tick\" }), __print_symbolic(REC->reason, {7, \"no room\"})");
    EXPECT_EQ(symbols.at("cause").at("0"), "switch");
    EXPECT_EQ(symbols.at("cause").at("1"), "tick");
    EXPECT_EQ(symbols.at("reason").at("7"), "no room");
    for (const char *broken : {"__print_symbolic(REC->", "__print_symbolic(REC->x, { 0, \"",
                               "__print_symbolic(REC->x, {", "__print_symbolic(REC->x, { 0 }"})
        symbols_of(broken);
}

TEST(ProcessFilter, ReadsParents)
{
    EXPECT_EQ(parent_in_stat("412 (a (b) c) S 77 412 412 0"), 77u);
    EXPECT_EQ(parent_in_stat("412 (a"), 0u);
    EXPECT_EQ(parent_in_stat("412 (a)"), 0u);
    const Sysroot root("/nowhere");
    ProcessFilter only(root, 5, 0), family(root, 0, 5), all(root, 0, 0);
    EXPECT_TRUE(only.wants(5));
    EXPECT_FALSE(only.wants(6));
    EXPECT_TRUE(only.wants(0));
    EXPECT_TRUE(family.wants(6)) << "gone already: better one too many";
    EXPECT_TRUE(all.wants(6));
    EXPECT_TRUE(all.introduce(6));
    EXPECT_FALSE(all.introduce(6)) << "once";
}

// 412 started 413, that started 414; 999 is somebody else's.
TEST(ProcessFilter, TakesTheWholeFamily)
{
    const TemporaryDirectory tree;
    for (const auto &[pid, parent] : {std::pair(412, 7), {413, 412}, {414, 413}, {999, 1}, {7, 1}})
        write_file(fmt::format("{}/proc/{}/stat", tree.path(), pid),
                   fmt::format("{} (x) S {} 0 0", pid, parent));
    const Sysroot root(tree.path());
    ProcessFilter family(root, 0, 412);
    for (const uint64_t pid : {412, 413, 414})
        EXPECT_TRUE(family.wants(pid)) << pid;
    EXPECT_FALSE(family.wants(999));
    EXPECT_FALSE(family.wants(7)) << "it is the parent";
}

TEST(TraceInstance, KnowsItsOwnNames)
{
    EXPECT_EQ(pid_of_instance("sluice-412"), 412);
    for (const char *other : {"sluice-", "sluice-x", "sluice-4x", "other", "sluice--3", ""})
        EXPECT_EQ(pid_of_instance(other), 0) << other;
}

TEST(TraceInstance, SaysWhatIsMissing)
{
    const auto none = TraceInstance::create(Sysroot("/nowhere"), 64);
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, Code::missing);
    EXPECT_NE(describe(none.error()).find("mount -t tracefs"), std::string::npos);
}

}  // namespace
}  // namespace sluice::trace
