// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/counters.h"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <array>
#include <cerrno>

namespace sluice::bench {

namespace {

struct Event {
    uint32_t type;
    uint64_t config;
    bool user;
};

constexpr std::array<Event, 4> events = {
    Event{PERF_TYPE_RAW, event_fast_tier, true}, Event{PERF_TYPE_RAW, event_slow_tier, true},
    Event{PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, true},
    Event{PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, false}};

int open_event(const Event &event, int cpu)
{
    perf_event_attr attr{};
    attr.type = event.type;
    attr.size = sizeof(attr);
    attr.config = event.config;
    attr.exclude_kernel = event.user;
    attr.exclude_user = !event.user;
    attr.pinned = 1;
    return static_cast<int>(
        ::syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC));
}

constexpr std::array<std::string_view, 9> prefixes = {"sluice_",  "numa_",         "pgpromote",
                                                      "pgdemote", "pgmigrate",     "nr_tlb_",
                                                      "pgscan_",  "thp_migration", "thp_split"};

bool tells_of_tiering(std::string_view name)
{
    for (std::string_view prefix : prefixes)
        if (name.starts_with(prefix))
            return true;
    return false;
}

}  // namespace

Hardware operator-(const Hardware &a, const Hardware &b)
{
    return {{a.misses.fast - b.misses.fast, a.misses.slow - b.misses.slow},
            a.user_instructions - b.user_instructions,
            a.kernel_instructions - b.kernel_instructions};
}

Result<HardwareCounters> HardwareCounters::open()
{
    HardwareCounters counters;
    const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
    for (int cpu = 0; cpu < cpus; ++cpu)
        for (const Event &event : events) {
            const int fd = open_event(event, cpu);
            if (fd < 0)
                return fail(os_error("count events of", "CPU " + std::to_string(cpu), errno));
            counters.fds_.push_back(fd);
        }
    return counters;
}

HardwareCounters::~HardwareCounters()
{
    for (int fd : fds_)
        ::close(fd);
}

Result<Hardware> HardwareCounters::read() const
{
    std::array<uint64_t, events.size()> sums{};
    for (size_t i = 0; i < fds_.size(); ++i) {
        uint64_t value = 0;
        if (::read(fds_[i], &value, sizeof(value)) != static_cast<ssize_t>(sizeof(value)))
            return fail(os_error("read", "a performance counter", errno));
        sums[i % sums.size()] += value;
    }
    return Hardware{{sums[0], sums[1]}, sums[2], sums[3]};
}

Result<Counters> read_kernel_counters(const Sysroot &root)
{
    const auto text = root.read("/proc/vmstat");
    if (!text)
        return propagate(text);
    const auto switches = read_context_switches(root);
    if (!switches)
        return propagate(switches);
    auto all = parse_vmstat(*text, "");
    if (!all)
        return propagate(all);
    std::erase_if(*all, [](const auto &entry) { return !tells_of_tiering(entry.first); });
    (*all)["context_switches"] = *switches;
    return std::move(*all);
}

Counters changed(const Counters &after, const Counters &before)
{
    Counters result = difference(after, before);
    std::erase_if(result, [](const auto &entry) { return entry.second == 0; });
    return result;
}

}  // namespace sluice::bench
