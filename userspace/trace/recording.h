// SPDX-License-Identifier: GPL-2.0-or-later
// A recording in memory, sorted by process and epoch: what reports and pictures are made of.
#pragma once

#include "trace/data_file.h"

#include <map>
#include <string>
#include <vector>

namespace sluice::trace {

// One process in one epoch.
struct EpochRecord {
    uint64_t time_ns = 0;
    Epoch totals;
    std::vector<Span> spans;        // told before the samples
    std::vector<uint64_t> samples;  // addresses, as the classifier got them
    std::vector<Range> ranges;      // after classification and ranking, by address
    std::vector<Split> splits;
    std::vector<Merge> merges;
    std::vector<Place> places;    // what was wanted
    std::vector<Relocate> moves;  // what was done
    std::vector<Refuse> refusals;
};

struct ProcessRecord {
    Process about;
    std::vector<EpochRecord> epochs;
};

struct Recording {
    ReadSummary summary;
    std::map<uint64_t, ProcessRecord> processes;   // by pid
    std::vector<std::pair<uint64_t, Rank>> ranks;  // with their time
    std::map<uint64_t, uint64_t> drains;           // number by cause
    uint64_t drained = 0;                          // samples
    uint64_t lost = 0;                             // events, because the trace buffer was full
    uint64_t implausible = 0;                      // events that no kernel tells; left out
    uint64_t first_ns = 0;
    uint64_t last_ns = 0;
};

// Takes events in the order of time.
class RecordingBuilder {
public:
    void add(const Timed &timed);
    Recording finish(ReadSummary summary);

private:
    void add(const Drain &event);
    void add(const Span &event);
    void add(const Sample &event);
    void add(const Split &event);
    void add(const Merge &event);
    void add(const Epoch &event);
    void add(const Rank &event);
    void add(const Range &event);
    void add(const Place &event);
    void add(const Relocate &event);
    void add(const Refuse &event);
    void add(const Lost &event);
    void add(const Process &event);
    void add(const End &event);
    EpochRecord *last_of(uint64_t pid);

    Recording recording_;
    std::map<uint64_t, EpochRecord> coming_;  // by pid: told before its Epoch
    uint64_t now_ns_ = 0;
};

Result<Recording> load_recording(const std::string &path);

// The process that is meant: `pid`, or the one with most samples if that is 0.
Result<const ProcessRecord *> choose_process(const Recording &recording, uint64_t pid);

}  // namespace sluice::trace
