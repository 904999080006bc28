// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/recording.h"

#include <fmt/format.h>
#include <algorithm>

namespace sluice::trace {

namespace {

constexpr uint64_t end_of_addresses = uint64_t{1} << 57;  // five levels of page tables
constexpr uint64_t most_pages = end_of_addresses >> 12;

// What cannot be true is not drawn, summed up or run once more.
template <class E>
bool is_plausible(const E &event)
{
    if constexpr (std::is_same_v<E, Span>) {
        return event.start <= event.end && event.end <= end_of_addresses;
    } else if constexpr (std::is_same_v<E, Range>) {
        return event.start < event.end && event.end <= end_of_addresses &&
               event.resident_pages <= most_pages && event.fast_pages <= most_pages;
    } else if constexpr (std::is_same_v<E, Relocate>) {
        return event.start < event.end && event.end <= end_of_addresses &&
               event.moved <= most_pages;
    } else {
        return true;
    }
}

}  // namespace

void RecordingBuilder::add(const Timed &timed)
{
    if (!std::visit([](const auto &event) { return is_plausible(event); }, timed.event)) {
        ++recording_.implausible;
        return;
    }
    now_ns_ = timed.time_ns;
    if (recording_.first_ns == 0)
        recording_.first_ns = now_ns_;
    recording_.last_ns = std::max(recording_.last_ns, now_ns_);
    std::visit([this](const auto &event) { add(event); }, timed.event);
}

void RecordingBuilder::add(const Drain &event)
{
    ++recording_.drains[event.cause];
    recording_.drained += event.nr;
}

void RecordingBuilder::add(const Span &event)
{
    coming_[event.pid].spans.push_back(event);
}

void RecordingBuilder::add(const Sample &event)
{
    coming_[event.pid].samples.push_back(event.addr);
}

void RecordingBuilder::add(const Split &event)
{
    coming_[event.pid].splits.push_back(event);
}

void RecordingBuilder::add(const Merge &event)
{
    coming_[event.pid].merges.push_back(event);
}

void RecordingBuilder::add(const Epoch &event)
{
    EpochRecord record = std::move(coming_[event.pid]);
    coming_.erase(event.pid);
    record.time_ns = now_ns_;
    record.totals = event;
    ProcessRecord &process = recording_.processes[event.pid];
    process.about.pid = event.pid;
    if (!process.epochs.empty() && process.epochs.back().time_ns > now_ns_) {
        ++recording_.implausible;  // a clock does not go back
        return;
    }
    process.epochs.push_back(std::move(record));
}

EpochRecord *RecordingBuilder::last_of(uint64_t pid)
{
    const auto found = recording_.processes.find(pid);
    return found == recording_.processes.end() || found->second.epochs.empty()
               ? nullptr
               : &found->second.epochs.back();
}

void RecordingBuilder::add(const Rank &event)
{
    recording_.ranks.emplace_back(now_ns_, event);
}

void RecordingBuilder::add(const Range &event)
{
    if (EpochRecord *epoch = last_of(event.pid); epoch && epoch->totals.epoch == event.epoch)
        epoch->ranges.push_back(event);
}

void RecordingBuilder::add(const Place &event)
{
    if (EpochRecord *epoch = last_of(event.pid); epoch && epoch->totals.epoch == event.epoch)
        epoch->places.push_back(event);
}

void RecordingBuilder::add(const Relocate &event)
{
    if (EpochRecord *epoch = last_of(event.pid))
        epoch->moves.push_back(event);
}

void RecordingBuilder::add(const Refuse &event)
{
    if (EpochRecord *epoch = last_of(event.pid))
        epoch->refusals.push_back(event);
}

void RecordingBuilder::add(const Lost &event)
{
    recording_.lost += event.nr;
}

void RecordingBuilder::add(const Process &event)
{
    recording_.processes[event.pid].about = event;
}

// The kernel's own count, which is never less than what was noticed on the way.
void RecordingBuilder::add(const End &event)
{
    recording_.lost = std::max(recording_.lost, event.lost);
}

namespace {

constexpr uint64_t usual_epoch_ns = 500'000'000;

// By address; says how many lie in one before them, and are gone.
uint64_t put_in_order(std::vector<Range> &ranges)
{
    std::ranges::sort(ranges, {}, &Range::start);
    uint64_t end = 0;
    return std::erase_if(ranges, [&](const Range &range) {
        const bool overlaps = range.start < end;
        end = std::max(end, range.end);
        return overlaps;
    });
}

// Of epochs: what is usual between two of them. Idle processes have longer ones.
uint64_t epoch_length(const std::map<uint64_t, ProcessRecord> &processes)
{
    std::vector<uint64_t> lengths;
    for (const auto &[pid, process] : processes)
        for (size_t i = 1; i < process.epochs.size(); ++i)
            lengths.push_back(process.epochs[i].time_ns - process.epochs[i - 1].time_ns);
    if (lengths.empty())
        return usual_epoch_ns;
    const auto middle = lengths.begin() + static_cast<ptrdiff_t>(lengths.size() / 2);
    std::nth_element(lengths.begin(), middle, lengths.end());
    return *middle;
}

}  // namespace

Recording RecordingBuilder::finish(ReadSummary summary)
{
    recording_.summary = std::move(summary);
    // Where a recording was cut off, an epoch may have but a part of its ranges.
    if (!recording_.summary.complete)
        for (auto &[pid, process] : recording_.processes)
            if (!process.epochs.empty() &&
                process.epochs.back().ranges.size() != process.epochs.back().totals.ranges)
                process.epochs.pop_back();
    std::erase_if(recording_.processes,
                  [](const auto &item) { return item.second.epochs.empty(); });
    for (auto &[pid, process] : recording_.processes)
        for (EpochRecord &epoch : process.epochs)
            recording_.implausible += put_in_order(epoch.ranges);
    // An epoch is told at its end: the first one began before the first event.
    const uint64_t length = epoch_length(recording_.processes);
    for (const auto &[pid, process] : recording_.processes)
        recording_.first_ns =
            std::min(recording_.first_ns, process.epochs.front().time_ns -
                                              std::min(length, process.epochs.front().time_ns));
    return std::move(recording_);
}

Result<Recording> load_recording(const std::string &path)
{
    RecordingBuilder builder;
    auto summary = read_data(path, [&](const Timed &timed) { builder.add(timed); });
    if (!summary)
        return propagate(summary);
    return builder.finish(std::move(*summary));
}

Result<const ProcessRecord *> choose_process(const Recording &recording, uint64_t pid)
{
    const ProcessRecord *most = nullptr;
    size_t most_samples = 0;
    std::string pids;
    for (const auto &[number, process] : recording.processes) {
        size_t samples = 0;
        for (const EpochRecord &epoch : process.epochs)
            samples += epoch.totals.classified;
        if (number == pid)
            return &process;
        if (!most || samples > most_samples) {
            most = &process;
            most_samples = samples;
        }
        pids += fmt::format("{}{}", pids.empty() ? "" : ", ", number);
    }
    if (!most)
        return fail(Error{Code::failed, "show", "the recording", "no process was managed in it",
                          "record longer, with vm.sluice.enabled=1 and a process above "
                          "vm.sluice.min_rss_kb"});
    if (pid != 0)
        return fail(Error{Code::failed, "show", fmt::format("process {}", pid),
                          "it is not in the recording", "it has " + pids});
    return most;
}

}  // namespace sluice::trace
