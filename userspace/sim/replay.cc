// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/replay.h"

#include "sim/kernel_code.h"
#include "sim/ranking.h"

#include <fmt/format.h>
#include <algorithm>
#include <bit>
#include <ctime>
#include <iterator>
#include <memory>
#include <set>

namespace sluice {

namespace {

constexpr size_t most_differences = 10;
constexpr uint64_t not_told = ~uint64_t{0};  // Epoch::spans: mappings were being changed

sluice_ranges_params params_of(const trace::Info &info)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    const uint64_t min_range = info.knob("min_range_kb", params.min_range >> 10) << 10;
    params.min_range = std::max<uint64_t>(sim::page_bytes, std::bit_floor(min_range));
    params.split_threshold =
        static_cast<unsigned>(info.knob("split_threshold", params.split_threshold));
    return params;
}

// The ranges of an epoch in the order of the ranking, by their start.
std::vector<sluice_candidate> ranked(std::span<sluice_range> ranges)
{
    std::vector<sluice_candidate> candidates;
    for (sluice_range &range : ranges) {
        sluice_candidate candidate = {};
        candidate.range = &range;
        candidates.push_back(candidate);
    }
    sim::rank({}, candidates);
    return candidates;
}

std::set<uint64_t> without(const std::set<uint64_t> &all, const std::set<uint64_t> &some)
{
    std::set<uint64_t> rest;
    std::ranges::set_difference(all, some, std::inserter(rest, rest.end()));
    return rest;
}

class Replay {
public:
    Replay(const trace::Info &info, uint64_t pid) : info_(info) { result_.pid = pid; }

    void epoch(const trace::EpochRecord &record)
    {
        if (record.totals.epoch == 1)
            ranges_ = std::make_unique<sim::Ranges>(params_of(info_));
        number_ = record.totals.epoch;
        classify(record);
        ++result_.epochs;
        if (record.ranges.empty())
            return;
        if (compare_ranges(record.ranges)) {
            take_over(record.ranges);
            compare_ranking(record);
        }
    }

    ReplayResult finish()
    {
        result_.classify_ns =
            1e9 * double(cpu_) / CLOCKS_PER_SEC / double(std::max<uint64_t>(result_.samples, 1));
        return result_;
    }

private:
    void differ(std::string text)
    {
        if (result_.differences.size() < most_differences)
            result_.differences.push_back(fmt::format("epoch {}: {}", number_, text));
    }

    void classify(const trace::EpochRecord &record)
    {
        if (record.totals.spans != not_told) {
            std::vector<sluice_span> spans;
            for (const trace::Span &span : record.spans)
                if (span.start < span.end)
                    spans.push_back({span.start, span.end});
            ranges_->sync(spans);
        }
        std::vector<u64> samples(record.samples.begin(), record.samples.end());
        const auto before = bounds();
        const std::clock_t start = std::clock();
        const sluice_ranges_stats stats = ranges_->epoch(samples);
        cpu_ += std::clock() - start;
        result_.samples += samples.size();
        compare_bounds(record, before, bounds());
        if (stats.classified != record.totals.classified)
            differ(fmt::format("{} samples classified, the kernel had {}", stats.classified,
                               record.totals.classified));
    }

    std::set<uint64_t> bounds()
    {
        std::set<uint64_t> bounds;
        for (const sluice_range &range : ranges_->all()) {
            bounds.insert(range.start);
            bounds.insert(range.end);
        }
        return bounds;
    }

    // What is new and what is gone after an epoch; a cut that was undone in the same epoch is
    // neither.
    void compare_bounds(const trace::EpochRecord &record, const std::set<uint64_t> &before,
                        const std::set<uint64_t> &after)
    {
        std::set<uint64_t> split, merged;
        for (const trace::Split &event : record.splits)
            split.insert(event.mid);
        for (const trace::Merge &event : record.merges)
            merged.insert(event.mid);
        const auto ours_new = without(after, before), ours_gone = without(before, after);
        const auto their_new = without(split, merged), their_gone = without(merged, split);
        result_.splits += ours_new.size();
        result_.merges += ours_gone.size();
        result_.splits_recorded += their_new.size();
        result_.merges_recorded += their_gone.size();
        if (ours_new != their_new || ours_gone != their_gone) {
            ++result_.epochs_with_other_splits;
            differ(fmt::format("{} splits and {} merges, or elsewhere; the kernel had {} and {}",
                               ours_new.size(), ours_gone.size(), their_new.size(),
                               their_gone.size()));
        }
    }

    bool compare_ranges(const std::vector<trace::Range> &recorded)
    {
        const auto ours = ranges_->all();
        result_.ranges += recorded.size();
        for (size_t i = 0; i < std::max(ours.size(), recorded.size()); ++i) {
            if (i >= ours.size() || i >= recorded.size()) {
                differ(fmt::format("{} ranges, the kernel had {}", ours.size(), recorded.size()));
            } else if (const auto &a = ours[i];
                       a.start != recorded[i].start || a.end != recorded[i].end ||
                       a.count != recorded[i].count || a.age != recorded[i].age) {
                differ(
                    fmt::format("range {:x}-{:x}, count {}, age {}; the kernel had {:x}-{:x}, "
                                "count {}, age {}",
                                a.start, a.end, a.count, a.age, recorded[i].start, recorded[i].end,
                                recorded[i].count, recorded[i].age));
            } else {
                continue;
            }
            ++result_.epochs_with_other_ranges;
            return false;
        }
        return true;
    }

    // What the kernel knew of pages, and what it decided: the next epoch's merging looks at that.
    void take_over(const std::vector<trace::Range> &recorded)
    {
        const auto ours = ranges_->all();
        for (size_t i = 0; i < ours.size(); ++i) {
            ours[i].resident_pages = recorded[i].resident_pages;
            sim::fast_pages(ours[i]) = recorded[i].fast_pages;
        }
    }

    // The kernel's order shows in what it wanted to move, hottest first, and in the densities that
    // it saw.
    void compare_ranking(const trace::EpochRecord &record)
    {
        const auto ours = ranges_->all();
        const auto order = ranked(ours);
        size_t last = 0;
        bool same = true;
        for (const trace::Place &place : record.places) {
            const auto found = std::ranges::find_if(order, [&](const sluice_candidate &candidate) {
                return candidate.range->start == place.start && candidate.range->end == place.end;
            });
            ++result_.placements;
            if (found == order.end() || found->density != place.density) {
                ++result_.other_placements;
                differ(fmt::format("the kernel placed {:x}-{:x} by a density of {}, here it is {}",
                                   place.start, place.end, place.density,
                                   found == order.end() ? 0 : found->density));
                continue;
            }
            const auto at = static_cast<size_t>(found - order.begin());
            if (place.to_tier < place.from_tier) {
                same = same && at >= last;
                last = at;
            }
        }
        if (!same)
            differ("the kernel promoted in another order");
        result_.epochs_with_other_ranking += !same;
        for (size_t i = 0; i < ours.size(); ++i) {
            ours[i].tier = static_cast<u8>(record.ranges[i].tier);
            ours[i].stale = false;
        }
    }

    const trace::Info &info_;
    std::unique_ptr<sim::Ranges> ranges_;
    ReplayResult result_;
    uint64_t number_ = 0;
    std::clock_t cpu_ = 0;
};

Error cannot(std::string reason, std::string hint)
{
    return {Code::failed, "re-run", "the recording", std::move(reason), std::move(hint)};
}

// As the kernel tells them: whole pages, ascending, one after the other.
bool are_in_order(const std::vector<trace::Span> &spans)
{
    uint64_t end = 0;
    for (const trace::Span &span : spans) {
        if (span.start < end || span.start % sim::page_bytes != 0 ||
            span.end % sim::page_bytes != 0)
            return false;
        end = span.end;
    }
    return true;
}

// What the kernel's code relies on, which is told by nobody else here.
Result<> check_input(const trace::EpochRecord &record)
{
    const trace::Epoch &totals = record.totals;
    if (record.samples.size() != totals.classified + totals.out_of_range)
        return fail(
            cannot(fmt::format("epoch {} has {} samples of {}", totals.epoch, record.samples.size(),
                               totals.classified + totals.out_of_range),
                   "record again with a larger --buffer-kib"));
    if (!are_in_order(record.spans))
        return fail(cannot(fmt::format("the mappings of epoch {} are not in order", totals.epoch),
                           "the file is damaged: record again"));
    return {};
}

}  // namespace

Result<ReplayResult> replay(const trace::Recording &recording, const trace::ProcessRecord &process)
{
    uint64_t next = 1;
    Replay run(recording.summary.info, process.about.pid);
    for (const trace::EpochRecord &record : process.epochs) {
        const uint64_t number = record.totals.epoch;
        if (number != 1 && number != next)
            return fail(cannot(
                next == 1 ? fmt::format("it starts with epoch {} of the process", number)
                          : fmt::format("epoch {} is followed by epoch {}", next - 1, number),
                "record the process from its start (sluice record -- COMMAND), with a larger "
                "--buffer-kib if events were lost"));
        if (const auto checked = check_input(record); !checked)
            return propagate(checked);
        run.epoch(record);
        next = number + 1;
    }
    return run.finish();
}

}  // namespace sluice
