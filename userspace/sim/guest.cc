// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/guest.h"

#include "sim/ranking.h"

#include <algorithm>
#include <ctime>

namespace sluice::sim {

namespace {

// Where memory starts; not at a multiple of 2 MiB, as little of a real program does.
constexpr uint64_t base = (uint64_t{1} << 40) + 0x5000;
constexpr size_t drained_at_once = 64;
// Load latencies spread evenly by so much around their tier's; at this clock.
constexpr double latency_spread = 0.2;
constexpr double cycles_per_ns = 2.6;
constexpr uint64_t bytes_per_line = 64;

PatternConfig pattern_of(const SimConfig &config, uint64_t index, uint64_t fast_bytes)
{
    PatternConfig pattern = config.pattern;
    pattern.fast_at_first = fast_bytes;
    pattern.bytes_between_samples = config.period * bytes_per_line;
    pattern.seed = mix(config.seed) + index;
    return pattern;
}

sluice_ranges_params params_of(const SimConfig &config)
{
    sluice_ranges_params params = SLUICE_RANGES_PARAMS_DEFAULT;
    params.min_range = config.min_range;
    params.split_threshold = static_cast<unsigned>(config.split_threshold);
    params.merge_epochs = static_cast<unsigned>(config.merge_epochs);
    params.max_ranges = static_cast<unsigned>(config.max_ranges);
    return params;
}

Nanoseconds cpu_time()
{
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// The share of the loads from a tier that are slow enough to be sampled.
double share_seen(uint64_t tier_ns, uint64_t load_latency)
{
    const double mean = static_cast<double>(tier_ns) * cycles_per_ns;
    const double low = mean * (1 - latency_spread), high = mean * (1 + latency_spread);
    return std::clamp((high - static_cast<double>(load_latency)) / (high - low), 0.0, 1.0);
}

std::vector<sluice_span> spans_of(const SimConfig &config, const Program *program)
{
    if (!program)
        return {{base, base + config.pattern.size}};
    std::vector<sluice_span> spans;
    for (const auto &[start, end] : program->spans)
        spans.push_back({start, end});
    return spans;
}

uint64_t fast_share_of(const SimConfig &config, uint64_t bytes)
{
    return static_cast<uint64_t>(config.fast_share * static_cast<double>(bytes)) / page_bytes *
           page_bytes;
}

}  // namespace

Process::Process(const SimConfig &config, uint64_t index)
    : Process(config, index, config.programs ? &(*config.programs)[index] : nullptr)
{
}

Process::Process(const SimConfig &config, uint64_t index, const Program *program)
    : config_(config),
      program_(program),
      pid_(program ? program->pid : 1000 + index),
      spans_(spans_of(config, program)),
      fast_at_first_(fast_share_of(config, program ? program->bytes() : config.pattern.size)),
      pattern_(make_pattern(pattern_of(config, index, fast_at_first_))),
      random_(mix(config.seed + 1) + index),
      channel_(static_cast<unsigned>(config.channel_entries)),
      ranges_(params_of(config)),
      samples_(config.channel_entries)
{
    // First touch, in the order of addresses.
    uint64_t left = fast_at_first_;
    for (const sluice_span &span : spans_)
        left -= fast_.add(span.start, span.end, left);
}

uint64_t Process::accesses_due(uint64_t number)
{
    if (program_) {
        const uint64_t end_ns = (number + 1) * config_.epoch_ms * 1'000'000;
        const auto end = std::ranges::lower_bound(program_->accesses, end_ns, {}, &Access::time_ns);
        return static_cast<uint64_t>(end - program_->accesses.begin()) - next_access_;
    }
    const auto epoch_ns = static_cast<double>(config_.epoch_ms) * 1e6;
    const double load_ns = hit_ratio_ * static_cast<double>(config_.fast_ns) +
                           (1 - hit_ratio_) * static_cast<double>(config_.slow_ns);
    due_ += config_.samples != 0 ? static_cast<double>(config_.samples) /
                                       static_cast<double>(config_.epochs * config_.processes)
                                 : static_cast<double>(config_.threads) * epoch_ns / load_ns /
                                       static_cast<double>(config_.period);
    const auto now = static_cast<uint64_t>(due_ + 1e-6);
    due_ -= static_cast<double>(now);
    return now;
}

// Of a program, each access that is known was a sample.
bool Process::is_seen(bool fast)
{
    if (program_)
        return true;
    const double share = share_seen(fast ? config_.fast_ns : config_.slow_ns, config_.load_latency);
    return share >= 1 || random_.unit() < share;
}

uint64_t Process::next_address()
{
    return program_ ? program_->accesses[next_access_++].address : base + pattern_->next(random_);
}

uint64_t Process::access(uint64_t accesses, SimEpoch &epoch, Times &times)
{
    uint64_t hits = 0;
    written_.clear();
    for (uint64_t i = 0; i < accesses; ++i) {
        const uint64_t address = next_address();
        const bool fast = fast_.contains(address);
        hits += fast;
        if (is_seen(fast))
            written_.push_back(address);
    }
    hit_ratio_ = accesses ? static_cast<double>(hits) / static_cast<double>(accesses) : 0;

    const Nanoseconds start = cpu_time();
    std::span<const u64> left = written_;
    dropped_ = 0;
    while (!left.empty()) {
        const auto batch = left.first(std::min<size_t>(left.size(), drained_at_once));
        dropped_ += batch.size() - channel_.push(batch);
        left = left.subspan(batch.size());
    }
    times.channel += cpu_time() - start;
    epoch.dropped += dropped_;
    epoch.samples += written_.size();
    return hits;
}

void Process::classify(uint64_t number, SimEpoch &epoch, Times &times, Narrator &narrator)
{
    const Nanoseconds start = cpu_time();
    const unsigned nr = channel_.pop(samples_);
    const Nanoseconds popped = cpu_time();
    times.channel += popped - start;
    const std::span<u64> samples(samples_.data(), nr);
    if (number == 0)
        ranges_.sync(spans_);
    narrator.input(pid_, spans_, samples, ranges_.all());
    const Nanoseconds told = cpu_time();
    const sluice_ranges_stats stats = ranges_.epoch(samples);
    times.classify += cpu_time() - told;
    narrator.classified(pid_, ranges_.all(), stats, dropped_);
    epoch.splits += stats.splits;
    epoch.merges += stats.merges;
    epoch.ranges += ranges_.all().size();
}

Guest::Guest(const SimConfig &config, const trace::Sink &sink)
    : config_(config), bytes_before_(shim_bytes), narrator_(sink)
{
    shim_bytes_most = shim_bytes;
    for (uint64_t i = 0; i < config_.processes; ++i) {
        processes_.push_back(std::make_unique<Process>(config_, i));
        capacity_ += processes_.back()->fast_bytes_at_first() / page_bytes;
    }
}

// All processes of a pattern are alike: the best for one is the best for all.
double Guest::best_hit_ratio() const
{
    if (config_.programs)
        return sluice::best_hit_ratio(*config_.programs, capacity_ * page_bytes);
    const double fast = static_cast<double>(capacity_ * page_bytes);
    return make_pattern(pattern_of(config_, 0, 0))
        ->best(fast / static_cast<double>(config_.processes));
}

uint64_t Guest::kernel_bytes() const
{
    return shim_bytes_most - bytes_before_;
}

SimEpoch Guest::epoch(uint64_t number)
{
    SimEpoch epoch;
    uint64_t hits = 0, accesses = 0;
    narrator_.start_epoch(number, (number + 1) * config_.epoch_ms * 1'000'000);
    for (const auto &process : processes_) {
        epoch.shifted |= process->start_epoch(number);
        const uint64_t due = process->accesses_due(number);
        hits += process->access(due, epoch, times_);
        accesses += due;
        process->classify(number, epoch, times_, narrator_);
        ranges_most_ = std::max<uint64_t>(ranges_most_, process->ranges().size());
    }
    epoch.hit_ratio = accesses ? static_cast<double>(hits) / static_cast<double>(accesses) : 0;
    rank();
    relocate(epoch);
    return epoch;
}

void Guest::rank()
{
    const Nanoseconds start = cpu_time();
    candidates_.clear();
    for (const auto &process : processes_)
        for (sluice_range &range : process->ranges()) {
            range.resident_pages = (range.end - range.start) / page_bytes;
            fast_pages(range) = process->fast().bytes_in(range.start, range.end) / page_bytes;
            range.stale = false;
            sluice_candidate candidate = {};
            candidate.range = &range;
            candidate.owner = process.get();
            candidates_.push_back(candidate);
        }
    const RankingInput input{
        capacity_, static_cast<unsigned>(config_.margin_pct), static_cast<unsigned>(config_.period),
        static_cast<unsigned>(config_.slow_ns - std::min(config_.slow_ns, config_.fast_ns))};
    const RankingResult result = sim::rank(input, candidates_);
    times_.place += cpu_time() - start;
    narrator_.ranked({input.capacity_pages, input.margin_pct, result.promote, result.demote,
                      candidates_.size()});
    for (const sluice_candidate &candidate : candidates_)
        narrator_.range(static_cast<Process *>(candidate.owner)->pid(), *candidate.range,
                        candidate.density);
}

// Makes room, from the coldest candidate on; returns the pages that left the fast tier.
uint64_t Guest::demote(uint64_t pages, size_t &coldest)
{
    uint64_t gone = 0;
    while (gone < pages && coldest > 0) {
        const sluice_candidate &candidate = candidates_[coldest - 1];
        sluice_range &range = *candidate.range;
        auto &process = *static_cast<Process *>(candidate.owner);
        const uint64_t surplus = fast_pages(range) - std::min(fast_pages(range), fast_goal(range));
        const uint64_t part = std::min(surplus, pages - gone);
        if (part != 0) {
            process.fast().remove(range.start, range.end, part * page_bytes);
            fast_pages(range) -= part;
            narrator_.moved(process.pid(), range, false, part);
            gone += part;
        }
        if (part == surplus)
            --coldest;
    }
    return gone;
}

// The hottest go up, as many of the coldest go down, up to what one epoch can move.
void Guest::relocate(SimEpoch &epoch)
{
    uint64_t budget = config_.relocate_mbps ? config_.relocate_mbps * 256 * config_.epoch_ms / 1000
                                            : ~uint64_t{0};
    uint64_t used = 0;
    for (const auto &process : processes_)
        used += process->fast().bytes() / page_bytes;
    uint64_t room = capacity_ - std::min(capacity_, used);
    size_t coldest = candidates_.size();
    for (const sluice_candidate &candidate : candidates_) {
        sluice_range &range = *candidate.range;
        auto &process = *static_cast<Process *>(candidate.owner);
        uint64_t want = std::min<uint64_t>(
            fast_goal(range) - std::min(fast_goal(range), fast_pages(range)), budget);
        if (want > room) {
            const uint64_t gone = demote(std::min(want - room, budget / 2 + 1), coldest);
            epoch.demoted += gone;
            room += gone;
            budget -= std::min(gone, budget);
        }
        want = std::min({want, room, budget});
        if (want == 0)
            continue;
        process.fast().add(range.start, range.end, want * page_bytes);
        fast_pages(range) += want;
        narrator_.moved(process.pid(), range, true, want);
        epoch.promoted += want;
        room -= want;
        budget -= want;
    }
}

}  // namespace sluice::sim
