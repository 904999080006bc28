// SPDX-License-Identifier: GPL-2.0-or-later
// Pages of several CPUs become one stream of events in the order of time.
#pragma once

#include "trace/raw_parser.h"

#include <vector>

namespace sluice::trace {

// Where pages come from: the kernel, or a captured folder.
class PageSource {
public:
    virtual ~PageSource() = default;
    virtual unsigned cpus() const = 0;
    // One page into `page`; the number of bytes, 0: nothing there now.
    virtual Result<size_t> read(unsigned cpu, std::span<std::byte> page) = 0;
};

class EventStream {
public:
    EventStream(PageSource &source, RawParser &parser) : source_(source), parser_(parser) {}

    // All that is there. What is as old as anything seen in the round before is complete, whatever
    // CPU it came from: it goes to `sink`; the rest waits for the next round.
    Result<> round(const Sink &sink);
    // The last round: nothing waits.
    Result<> finish(const Sink &sink);

    uint64_t missed() const { return missed_; }

private:
    Result<> read_all();
    void hand_on(uint64_t until_ns, const Sink &sink);

    PageSource &source_;
    RawParser &parser_;
    std::vector<Timed> waiting_;
    std::vector<std::byte> page_ = std::vector<std::byte>(65536);
    uint64_t newest_ns_ = 0;
    uint64_t missed_ = 0;
};

}  // namespace sluice::trace
