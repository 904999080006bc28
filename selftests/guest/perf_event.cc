// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/perf_event.h"

#include <atomic>
#include <cerrno>
#include <cstring>

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace guest {

namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kRingPages = 256;
constexpr uint64_t kLoadLatencyEvent = 0x01cd;

perf_event_attr attributes(uint32_t type, uint64_t config)
{
    perf_event_attr attr = {};
    attr.size = sizeof(attr);
    attr.type = type;
    attr.config = config;
    attr.disabled = 1;
    attr.exclude_kernel = 1;
    attr.exclude_hv = 1;
    return attr;
}

// The ring's data may wrap in the middle of a record.
void copy_out(const char *data, uint64_t at, void *to, size_t size)
{
    for (size_t i = 0; i < size; i++)
        static_cast<char *>(to)[i] = data[(at + i) % (kRingPages * kPageBytes)];
}

}  // namespace

PerfEvent PerfEvent::counter(uint32_t type, uint64_t config)
{
    auto attr = attributes(type, config);
    return PerfEvent(attr, false);
}

PerfEvent PerfEvent::load_latency(uint64_t cycles, uint64_t period, AtATime at_a_time)
{
    auto attr = attributes(PERF_TYPE_RAW, kLoadLatencyEvent);
    attr.config1 = cycles;
    attr.sample_period = period;
    attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_ADDR | PERF_SAMPLE_WEIGHT;
    attr.precise_ip = 2;
    attr.wakeup_events = at_a_time == AtATime::one;
    return PerfEvent(attr, true);
}

PerfEvent PerfEvent::pinned_on_cpu(uint32_t type, uint64_t config, int cpu)
{
    auto attr = attributes(type, config);
    attr.pinned = 1;
    attr.disabled = 0;
    return PerfEvent(attr, false, cpu);
}

PerfEvent PerfEvent::kernel_instructions(int cpu)
{
    auto attr = attributes(PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS);
    attr.exclude_kernel = 0;
    attr.exclude_user = 1;
    return PerfEvent(attr, false, cpu);
}

PerfEvent::PerfEvent(perf_event_attr &attr, bool with_ring, int cpu)
{
    const pid_t whom = cpu < 0 ? 0 : -1;
    fd_ =
        static_cast<int>(syscall(SYS_perf_event_open, &attr, whom, cpu, -1, PERF_FLAG_FD_CLOEXEC));
    if (fd_ < 0) {
        error_ = errno;
        return;
    }
    if (!with_ring)
        return;
    void *p =
        mmap(nullptr, (1 + kRingPages) * kPageBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    if (p == MAP_FAILED)
        error_ = errno;
    else
        ring_ = static_cast<perf_event_mmap_page *>(p);
}

PerfEvent::PerfEvent(PerfEvent &&other) noexcept
    : fd_(other.fd_), error_(other.error_), ring_(other.ring_)
{
    other.fd_ = -1;
    other.ring_ = nullptr;
}

PerfEvent::~PerfEvent()
{
    if (ring_)
        munmap(ring_, (1 + kRingPages) * kPageBytes);
    if (fd_ >= 0)
        close(fd_);
}

void PerfEvent::enable()
{
    ioctl(fd_, PERF_EVENT_IOC_ENABLE, 0);
}

void PerfEvent::disable()
{
    ioctl(fd_, PERF_EVENT_IOC_DISABLE, 0);
}

uint64_t PerfEvent::count() const
{
    uint64_t value = 0;
    return read(fd_, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

bool PerfEvent::has_counter() const
{
    uint64_t value = 0;
    return read(fd_, &value, sizeof(value)) == sizeof(value);
}

std::vector<PerfEvent::Sample> PerfEvent::samples()
{
    std::vector<Sample> out;
    const auto *data = reinterpret_cast<const char *>(ring_) + kPageBytes;
    const uint64_t head = std::atomic_ref(ring_->data_head).load(std::memory_order_acquire);
    uint64_t tail = ring_->data_tail;
    while (tail < head) {
        perf_event_header header;
        copy_out(data, tail, &header, sizeof(header));
        if (header.type == PERF_RECORD_SAMPLE) {
            Sample sample;
            copy_out(data, tail + sizeof(header), &sample, sizeof(sample));
            out.push_back(sample);
        }
        tail += header.size;
    }
    std::atomic_ref(ring_->data_tail).store(tail, std::memory_order_release);
    return out;
}

}  // namespace guest
