// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's side of Sluice as a test sees it: knobs, counters, log, processes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace guest {

// Small files of the kernel. Reading one that is not there gives "".
std::string read_text(const std::string &path);
int write_text(const std::string &path, std::string_view text);  // 0 or errno

// vm.sluice.NAME
std::string read_knob(const std::string &name);
int write_knob(const std::string &name, const std::string &value);  // 0 or errno
std::string error_name(int error);

extern const std::vector<std::string> kKnobs;  // without "enabled"

// Leaves Sluice disabled and every knob as it was found.
class KnobGuard {
public:
    KnobGuard();
    ~KnobGuard();
    KnobGuard(const KnobGuard &) = delete;
    KnobGuard &operator=(const KnobGuard &) = delete;

private:
    std::map<std::string, std::string> saved_;
};

// /proc/vmstat at one moment.
class Counters {
public:
    static Counters now();

    uint64_t operator[](const std::string &name) const;  // 0 if there is none
    bool has(const std::string &name) const { return values_.contains(name); }
    uint64_t sum(std::string_view prefix) const;
    Counters since(const Counters &earlier) const;
    std::map<std::string, uint64_t> with_prefix(std::string_view prefix) const;

    // records minus all that became of them: what still sits in channels.
    int64_t in_flight() const;

private:
    std::map<std::string, uint64_t> values_;
};

// /proc/meminfo or a node's, in KiB.
uint64_t meminfo_kb(const std::string &field);
uint64_t node_meminfo_kb(int node, const std::string &field);

// Free pages of a node, those on the CPUs' own lists included: MemFree leaves these out,
// and they may be an eighth of the node.
uint64_t node_free_kb(int node);

// What a node's zones keep free at least before anybody is woken to reclaim, and a little more:
// kswapd goes to sleep there.
uint64_t node_high_kb(int node);

// The kernel's log from a moment on.
class KernelLog {
public:
    enum From { kStart, kNow };
    explicit KernelLog(From from);
    ~KernelLog();
    KernelLog(const KernelLog &) = delete;
    KernelLog &operator=(const KernelLog &) = delete;

    std::vector<std::string> read();  // what has come since the last time
    bool has(std::string_view text);  // reads on; true once a line has it in it

private:
    int fd_;
    std::vector<std::string> lines_;
};

struct Range {
    uint64_t start = 0;
    uint64_t end = 0;
    uint64_t count_milli = 0;
    uint64_t resident_kb = 0;
    uint64_t fast_kb = 0;
    unsigned age = 0;
    unsigned tier = 0;
};

// /proc/PID/sluice
struct ProcessView {
    bool managed = false;
    uint64_t samples = 0;
    std::vector<Range> ranges;
    std::string text;
};

ProcessView process_view(pid_t pid);

}  // namespace guest
