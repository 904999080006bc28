// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/sample_ring.h"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>

namespace sluice::bench {

namespace {

constexpr uint64_t load_latency = 0x01cd;  // MEM_TRANS_RETIRED.LOAD_LATENCY
constexpr size_t page_size = 4096, ring_pages = 64, ring_size = ring_pages * page_size;

perf_event_attr attributes(const RingConfig &config)
{
    perf_event_attr attr{};
    attr.type = PERF_TYPE_RAW;
    attr.size = sizeof(attr);
    attr.config = load_latency;
    attr.config1 = config.latency_cycles;
    attr.sample_period = config.period;
    attr.sample_type = PERF_SAMPLE_ADDR;
    // Values of counters are nothing that batches could have: so there are none.
    if (config.single_records)
        attr.sample_type |= PERF_SAMPLE_READ;
    attr.precise_ip = 2;
    attr.exclude_kernel = 1;
    attr.watermark = 1;
    attr.wakeup_watermark = ring_size / 2;
    return attr;
}

}  // namespace

Result<SampleRing> SampleRing::open(const RingConfig &config)
{
    auto attr = attributes(config);
    const int fd = static_cast<int>(
        ::syscall(SYS_perf_event_open, &attr, -1, config.cpu, -1, PERF_FLAG_FD_CLOEXEC));
    if (fd < 0)
        return fail(os_error("sample loads of", "CPU " + std::to_string(config.cpu), errno));
    void *memory =
        ::mmap(nullptr, ring_size + page_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        const auto error = os_error("map", "the ring of samples", errno);
        ::close(fd);
        return fail(error);
    }
    return SampleRing(fd, static_cast<perf_event_mmap_page *>(memory));
}

SampleRing::~SampleRing()
{
    if (page_)
        ::munmap(page_, ring_size + page_size);
    if (fd_ >= 0)
        ::close(fd_);
}

// Records are multiples of 8 bytes and start at multiples of 8: the two words that we read never
// wrap inside.
uint64_t SampleRing::read(std::vector<uint64_t> &addresses)
{
    const auto *data = reinterpret_cast<const char *>(page_) + page_size;
    const uint64_t head = std::atomic_ref(page_->data_head).load(std::memory_order_acquire);
    uint64_t tail = page_->data_tail, lost = 0;
    while (tail < head) {
        perf_event_header header{};
        std::memcpy(&header, data + tail % ring_size, sizeof(header));
        uint64_t words[2] = {};  // a sample: address; of what was lost: id, number
        for (size_t i = 0; i < 2; ++i)
            std::memcpy(&words[i], data + (tail + sizeof(header) + 8 * i) % ring_size, 8);
        if (header.type == PERF_RECORD_SAMPLE)
            addresses.push_back(words[0]);
        else if (header.type == PERF_RECORD_LOST)
            lost += words[1];
        tail += header.size;
    }
    std::atomic_ref(page_->data_tail).store(tail, std::memory_order_release);
    return lost;
}

Result<> SampleRing::set_period(uint64_t period)
{
    if (::ioctl(fd_, PERF_EVENT_IOC_PERIOD, &period) != 0)
        return fail(os_error("change", "the sample period", errno));
    return {};
}

}  // namespace sluice::bench
