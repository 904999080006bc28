// SPDX-License-Identifier: GPL-2.0-or-later
// What a recording is made of: the kernel's trace events (sluice:*), as plain values.
//
// Each event lists its fields once, in fields(); the file format, the parser of the kernel's trace
// and the tests are loops over that list. A field may be appended; none may be removed or
// reordered.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

namespace sluice::trace {

// A CPU's records were taken out of its buffer.
struct Drain {
    uint64_t cpu = 0, pid = 0, nr = 0, cause = 0;
    static constexpr const char *name = "drain";
    void fields(auto &&f) { f("cpu", cpu), f("pid", pid), f("nr", nr), f("cause", cause); }
};

// A mapping that the classifier looks after, as it was told before it got the samples.
struct Span {
    uint64_t pid = 0, epoch = 0, start = 0, end = 0;
    static constexpr const char *name = "span";
    void fields(auto &&f) { f("pid", pid), f("epoch", epoch), f("start", start), f("end", end); }
};

// One sampled address, in the order in which the classifier got them.
struct Sample {
    uint64_t pid = 0, epoch = 0, addr = 0;
    static constexpr const char *name = "sample";
    void fields(auto &&f) { f("pid", pid), f("epoch", epoch), f("addr", addr); }
};

struct Split {
    uint64_t pid = 0, epoch = 0, start = 0, mid = 0, end = 0;
    static constexpr const char *name = "split";
    void fields(auto &&f)
    {
        f("pid", pid), f("epoch", epoch), f("start", start), f("mid", mid), f("end", end);
    }
};

struct Merge {
    uint64_t pid = 0, epoch = 0, start = 0, mid = 0, end = 0;
    static constexpr const char *name = "merge";
    void fields(auto &&f)
    {
        f("pid", pid), f("epoch", epoch), f("start", start), f("mid", mid), f("end", end);
    }
};

// The samples of one process were classified.
struct Epoch {
    uint64_t pid = 0, epoch = 0, ranges = 0, classified = 0, out_of_range = 0, dropped = 0;
    // Mappings that the classifier was told of; -1: it was told nothing, they stay as they were.
    uint64_t spans = 0;
    static constexpr const char *name = "epoch";
    void fields(auto &&f)
    {
        f("pid", pid), f("epoch", epoch), f("ranges", ranges), f("classified", classified);
        f("out_of_range", out_of_range), f("dropped", dropped), f("spans", spans);
    }
};

// All ranges of all processes were ranked; once an epoch.
struct Rank {
    uint64_t capacity = 0, margin_pct = 0, promote = 0, demote = 0, candidates = 0;
    static constexpr const char *name = "rank";
    void fields(auto &&f)
    {
        f("capacity", capacity), f("margin_pct", margin_pct), f("promote", promote);
        f("demote", demote), f("candidates", candidates);
    }
};

// A range after its epoch; count in 1/1024 samples, sizes in base pages.
struct Range {
    uint64_t pid = 0, epoch = 0, start = 0, end = 0, count = 0, age = 0, resident_pages = 0,
             fast_pages = 0, tier = 0, goal = 0, density = 0;
    static constexpr const char *name = "range";
    void fields(auto &&f)
    {
        f("pid", pid), f("epoch", epoch), f("start", start), f("end", end), f("count", count);
        f("age", age), f("resident_pages", resident_pages), f("fast_pages", fast_pages);
        f("tier", tier), f("goal", goal), f("density", density);
    }
};

// Pages of a range should move to another tier.
struct Place {
    uint64_t pid = 0, epoch = 0, start = 0, end = 0, from_tier = 0, to_tier = 0, pages = 0,
             density = 0, reason = 0;
    static constexpr const char *name = "place";
    void fields(auto &&f)
    {
        f("pid", pid), f("epoch", epoch), f("start", start), f("end", end);
        f("from_tier", from_tier), f("to_tier", to_tier), f("pages", pages);
        f("density", density), f("reason", reason);
    }
};

// A batch of pages was moved, as far as it let itself be moved.
struct Relocate {
    uint64_t pid = 0, start = 0, end = 0, from = 0, to = 0, isolated = 0, moved = 0, nomem = 0;
    static constexpr const char *name = "relocate";
    void fields(auto &&f)
    {
        f("pid", pid), f("start", start), f("end", end), f("from", from), f("to", to);
        f("isolated", isolated), f("moved", moved), f("nomem", nomem);
    }
};

struct Refuse {
    uint64_t pid = 0, start = 0, end = 0, reason = 0, pages = 0;
    static constexpr const char *name = "refuse";
    void fields(auto &&f)
    {
        f("pid", pid), f("start", start), f("end", end), f("reason", reason), f("pages", pages);
    }
};

// The kernel's trace buffer was full: so many events of this CPU are missing here.
struct Lost {
    uint64_t cpu = 0, nr = 0;
    static constexpr const char *name = "lost";
    void fields(auto &&f) { f("cpu", cpu), f("nr", nr); }
};

// A process, as it was when it was first seen.
struct Process {
    uint64_t pid = 0, virtual_bytes = 0, resident_bytes = 0;
    std::string comm;
    static constexpr const char *name = "process";
    void fields(auto &&f)
    {
        f("pid", pid), f("virtual_bytes", virtual_bytes), f("resident_bytes", resident_bytes);
        f("comm", comm);
    }
};

// The last event of a recording that was ended properly.
struct End {
    uint64_t lost = 0;
    static constexpr const char *name = "end";
    void fields(auto &&f) { f("lost", lost); }
};

// The index of an alternative is its number in the file: append only.
using Event = std::variant<Drain, Span, Sample, Split, Merge, Epoch, Rank, Range, Place, Relocate,
                           Refuse, Lost, Process, End>;

struct Timed {
    uint64_t time_ns = 0;
    Event event;
};

using Sink = std::function<void(const Timed &)>;

// The process that an event is about; 0: none, or all.
inline uint64_t pid_of(const Event &event)
{
    return std::visit(
        [](const auto &e) -> uint64_t {
            if constexpr (requires { e.pid; })
                return e.pid;
            else
                return 0;
        },
        event);
}

}  // namespace sluice::trace
