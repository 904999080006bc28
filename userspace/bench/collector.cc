// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/collector.h"

#include "bench/sample_ring.h"
#include "workload/cpu.h"

#include <poll.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>
#include <unordered_map>

namespace sluice::bench {

namespace {

constexpr std::array<CollectorConfig, 7> collectors = {
    CollectorConfig{
        "ring",
        "perf's large PEBS, a thread that sleeps until the ring is half full or 500 ms are over"},
    CollectorConfig{
        .name = "ring-discard", .about = "the same, samples are forgotten", .discard = true},
    CollectorConfig{.name = "busy",
                    .about = "a thread that looks all the time",
                    .reading = Reading::busy,
                    .period = 19997},
    CollectorConfig{.name = "poll-budget",
                    .about = "a thread that looks every 2 ms; the period follows 3 % of a CPU",
                    .reading = Reading::timed,
                    .period = 199,
                    .budget_percent = 3},
    CollectorConfig{
        .name = "poll", .about = "a thread that looks every 2 ms", .reading = Reading::timed},
    CollectorConfig{.name = "poll-discard",
                    .about = "the same, samples are forgotten",
                    .reading = Reading::timed,
                    .discard = true},
    CollectorConfig{
        .name = "single", .about = "an interrupt for every record", .single_records = true},
};

// Primes: steps of the period that follows a budget.
constexpr std::array<uint64_t, 8> periods = {199, 397, 797, 1601, 3203, 6397, 12799, 19997};

uint64_t thread_time_ns()
{
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

}  // namespace

std::span<const CollectorConfig> known_collectors()
{
    return collectors;
}

const CollectorConfig *find_collector(std::string_view name)
{
    const auto it = std::ranges::find(collectors, name, &CollectorConfig::name);
    return it == collectors.end() ? nullptr : &*it;
}

class Collector::Work {
public:
    Work(const CollectorConfig &config, std::vector<SampleRing> rings)
        : config_(config), rings_(std::move(rings))
    {
        collected_.last_period = config.period;
        addresses_.reserve(1 << 16);
        thread_ = std::jthread([this](const std::stop_token &stop) { work(stop); });
    }

    Collected stop()
    {
        thread_.request_stop();
        if (thread_.joinable())
            thread_.join();
        read();
        collected_.pages = pages_.size();
        return collected_;
    }

private:
    void work(const std::stop_token &stop)
    {
        (void)stay_on_cpu(1);  // with one CPU, where it is
        while (!stop.stop_requested()) {
            wait();
            read();
            if (config_.budget_percent)
                adjust();
        }
    }

    void wait()
    {
        if (config_.reading == Reading::timed)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        if (config_.reading != Reading::wake_up)
            return;
        std::vector<pollfd> fds;
        for (const SampleRing &ring : rings_)
            fds.push_back({ring.fd(), POLLIN, 0});
        ::poll(fds.data(), fds.size(), 500);
    }

    void read()
    {
        addresses_.clear();
        for (SampleRing &ring : rings_)
            collected_.lost += ring.read(addresses_);
        collected_.samples += addresses_.size();
        if (!config_.discard)
            for (const uint64_t address : addresses_)
                ++pages_[address >> 12];
    }

    // Once in 100 looks: longer periods while the thread takes more than its share, shorter ones
    // while it takes less than half of it.
    void adjust()
    {
        if (++looks_ % 100 != 0)
            return;
        const uint64_t cpu = thread_time_ns();
        const auto now = std::chrono::steady_clock::now();
        const auto wall = static_cast<uint64_t>(std::chrono::nanoseconds(now - last_look_).count());
        const double percent =
            100.0 * static_cast<double>(cpu - last_cpu_) / static_cast<double>(wall);
        last_cpu_ = cpu;
        last_look_ = now;
        const size_t step = step_;
        if (percent > config_.budget_percent && step_ + 1 < periods.size())
            ++step_;
        else if (percent < config_.budget_percent / 2.0 && step_ > 0)
            --step_;
        if (step_ == step)
            return;
        collected_.last_period = periods[step_];
        for (SampleRing &ring : rings_)
            (void)ring.set_period(periods[step_]);
    }

    CollectorConfig config_;
    std::vector<SampleRing> rings_;
    std::vector<uint64_t> addresses_;
    std::unordered_map<uint64_t, uint32_t> pages_;
    Collected collected_;
    unsigned looks_ = 0;
    size_t step_ = 0;
    uint64_t last_cpu_ = 0;
    std::chrono::steady_clock::time_point last_look_ = std::chrono::steady_clock::now();
    std::jthread thread_;
};

Collector::Collector(std::unique_ptr<Work> work) : work_(std::move(work)) {}
Collector::~Collector() = default;

Collected Collector::stop()
{
    return work_->stop();
}

Result<std::unique_ptr<Collector>> Collector::start(const CollectorConfig &config)
{
    std::vector<SampleRing> rings;
    const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN);
    for (int cpu = 0; cpu < cpus; ++cpu) {
        auto ring = SampleRing::open(
            {.cpu = cpu, .period = config.period, .single_records = config.single_records});
        if (!ring)
            return propagate(ring);
        rings.push_back(std::move(*ring));
    }
    return std::unique_ptr<Collector>(
        new Collector(std::make_unique<Work>(config, std::move(rings))));
}

}  // namespace sluice::bench
