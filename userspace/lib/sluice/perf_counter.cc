// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/perf_counter.h"

#include "sluice/sysroot.h"
#include "sluice/text.h"

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>

namespace sluice {

namespace {

// With times, so that a counter that shared its hardware with others is noticed, not believed.
struct Reading {
    uint64_t value;
    uint64_t time_enabled;
    uint64_t time_running;
};

int open_event(int thread, uint64_t raw_event)
{
    perf_event_attr attr{};
    attr.type = PERF_TYPE_RAW;
    attr.size = sizeof(attr);
    attr.config = raw_event;
    attr.exclude_kernel = 1;
    attr.exclude_hv = 1;
    attr.inherit = 1;
    attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    return static_cast<int>(
        ::syscall(SYS_perf_event_open, &attr, thread, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

Error cannot_open(int pid, uint64_t raw_event, int errno_value)
{
    Error error = os_error(fmt::format("count event {:#06x} of", raw_event),
                           fmt::format("process {}", pid), errno_value);
    error.code = Code::missing;
    if (errno_value == ENOENT || errno_value == EOPNOTSUPP)
        error.hint = "this machine has no PMU that knows the event: use a machine with pmu=on";
    return error;
}

}  // namespace

// inherit reaches only threads that are born later: each thread that is there is opened by itself.
Result<PerfCounter> PerfCounter::open(int pid, uint64_t raw_event)
{
    const auto threads = Sysroot().list(fmt::format("/proc/{}/task", pid));
    if (!threads)
        return propagate(threads);
    PerfCounter counter;
    for (const std::string &name : *threads) {
        const auto thread = parse_number(name);
        const int fd = thread ? open_event(static_cast<int>(*thread), raw_event) : -1;
        if (fd >= 0)
            counter.fds_.push_back(fd);
        else if (errno != ESRCH)  // a thread that has just ended counts nothing any more
            return fail(cannot_open(pid, raw_event, errno));
    }
    return counter;
}

PerfCounter::~PerfCounter()
{
    for (int fd : fds_)
        ::close(fd);
}

Result<uint64_t> PerfCounter::read() const
{
    uint64_t total = 0;
    for (int fd : fds_) {
        Reading reading{};
        if (::read(fd, &reading, sizeof(reading)) != static_cast<ssize_t>(sizeof(reading)))
            return fail(os_error("read", "a performance counter", errno));
        if (reading.time_running != reading.time_enabled)
            return fail(Error{Code::failed, "read", "a performance counter",
                              "it did not count all the time", "stop other users of the PMU"});
        total += reading.value;
    }
    return total;
}

Result<TierAccessCounters> TierAccessCounters::open(int pid)
{
    auto fast = PerfCounter::open(pid, event_fast_tier);
    if (!fast)
        return propagate(fast);
    auto slow = PerfCounter::open(pid, event_slow_tier);
    if (!slow)
        return propagate(slow);
    return TierAccessCounters(std::move(*fast), std::move(*slow));
}

Result<TierAccesses> TierAccessCounters::read() const
{
    const auto fast = fast_.read();
    if (!fast)
        return propagate(fast);
    const auto slow = slow_.read();
    if (!slow)
        return propagate(slow);
    return TierAccesses{*fast, *slow};
}

}  // namespace sluice
