// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/analysis.h"

#include <algorithm>
#include <unordered_map>

namespace sluice::trace {

namespace {

constexpr double working_set_share = 0.9;
constexpr uint64_t bucket_bytes = uint64_t{2} << 20;  // what ping-pong is told apart by
constexpr double count_per_sample = 1024;

const Range *find_range(const std::vector<Range> &ranges, uint64_t address)
{
    const auto above = std::ranges::upper_bound(ranges, address, {}, &Range::start);
    if (above == ranges.begin() || std::prev(above)->end <= address)
        return nullptr;
    return &*std::prev(above);
}

double fast_part(const Range &range)
{
    if (range.resident_pages == 0)
        return 0;
    return std::min(
        1.0, static_cast<double>(range.fast_pages) / static_cast<double>(range.resident_pages));
}

struct Hits {
    double fast = 0;
    uint64_t samples = 0;
};

// By the ranges of the epoch before, which the samples met.
Hits hits_of(const EpochRecord &epoch, const std::vector<Range> &ranges)
{
    Hits hits;
    for (const uint64_t address : epoch.samples)
        if (const Range *range = find_range(ranges, address)) {
            hits.fast += fast_part(*range);
            ++hits.samples;
        }
    return hits;
}

uint64_t working_set(std::vector<Range> ranges, uint64_t page_bytes)
{
    std::ranges::sort(ranges, [&](const Range &a, const Range &b) {
        return density_of(a, page_bytes) > density_of(b, page_bytes);
    });
    double all = 0, taken = 0;
    for (const Range &range : ranges)
        all += static_cast<double>(range.count);
    uint64_t bytes = 0;
    for (const Range &range : ranges) {
        if (all == 0 || taken >= working_set_share * all)
            break;
        const auto count = static_cast<double>(range.count);
        // Of the last range, only as much as is needed: it is even inside.
        const double part =
            std::min(1.0, count == 0 ? 1 : (working_set_share * all - taken) / count);
        bytes +=
            static_cast<uint64_t>(part * static_cast<double>(range.resident_pages * page_bytes));
        taken += count;
    }
    return bytes;
}

EpochFigures figures_of(const EpochRecord &record, uint64_t page_bytes, const Info &info)
{
    EpochFigures figures;
    figures.time_ns = record.time_ns;
    figures.epoch = record.totals.epoch;
    figures.samples = record.totals.classified;
    figures.out_of_range = record.totals.out_of_range;
    figures.dropped = record.totals.dropped;
    figures.ranges = record.totals.ranges;
    for (const Range &range : record.ranges) {
        figures.resident_bytes += range.resident_pages * page_bytes;
        figures.fast_bytes += range.fast_pages * page_bytes;
    }
    figures.working_set_bytes = working_set(record.ranges, page_bytes);
    for (const Relocate &move : record.moves)
        (info.tier_of(move.to) < info.tier_of(move.from) ? figures.promoted_bytes
                                                         : figures.demoted_bytes) +=
            move.moved * page_bytes;
    for (const Refuse &refusal : record.refusals)
        figures.refused_pages += refusal.pages;
    return figures;
}

// Moved bytes by place and direction, spread evenly over the piece that a batch came from.
class PingPong {
public:
    void add(const Relocate &move, bool up, uint64_t page_bytes)
    {
        if (move.moved == 0 || move.end <= move.start)
            return;
        const auto per_byte = static_cast<double>(move.moved * page_bytes) /
                              static_cast<double>(move.end - move.start);
        // Over a piece of terabytes the spread says nothing: leave it out.
        if ((move.end - move.start) / bucket_bytes > most_buckets)
            return;
        for (uint64_t at = move.start; at < move.end; at = (at / bucket_bytes + 1) * bucket_bytes) {
            const uint64_t end = std::min(move.end, (at / bucket_bytes + 1) * bucket_bytes);
            auto &bucket = buckets_[at / bucket_bytes];
            (up ? bucket.first : bucket.second) += per_byte * static_cast<double>(end - at);
        }
    }
    uint64_t bytes() const
    {
        double sum = 0;
        for (const auto &[at, bucket] : buckets_)
            sum += std::min(bucket.first, bucket.second);
        return static_cast<uint64_t>(sum);
    }

private:
    static constexpr uint64_t most_buckets = 1 << 20;
    std::unordered_map<uint64_t, std::pair<double, double>> buckets_;
};

// A program that ends gives back its memory first: what is left then says nothing about it.
size_t end_of(const std::vector<EpochFigures> &epochs)
{
    uint64_t most = 0;
    for (const EpochFigures &epoch : epochs)
        most = std::max(most, epoch.resident_bytes);
    size_t end = epochs.size() - 1;
    while (end > 0 && epochs[end].resident_bytes < most / 2)
        --end;
    return end;
}

}  // namespace

double density_of(const Range &range, uint64_t page_bytes)
{
    if (range.resident_pages == 0)
        return 0;
    const double mib = static_cast<double>(range.resident_pages * page_bytes) / 1048576;
    return static_cast<double>(range.count) / count_per_sample / mib;
}

ProcessFigures figures_of(const ProcessRecord &process, const Info &info)
{
    ProcessFigures figures;
    figures.about = process.about;
    PingPong ping_pong;
    Hits all;
    const std::vector<Range> *before = nullptr;
    for (const EpochRecord &record : process.epochs) {
        EpochFigures epoch = figures_of(record, info.page_bytes, info);
        const Hits hits = hits_of(record, before ? *before : record.ranges);
        if (hits.samples != 0)
            epoch.hit_ratio = hits.fast / static_cast<double>(hits.samples);
        all.fast += hits.fast;
        all.samples += hits.samples;
        if (!record.ranges.empty())
            before = &record.ranges;
        for (const Relocate &move : record.moves)
            ping_pong.add(move, info.tier_of(move.to) < info.tier_of(move.from), info.page_bytes);
        for (const Refuse &refusal : record.refusals)
            figures.refused_pages[info.word("refuse.reason", refusal.reason)] += refusal.pages;
        figures.samples += epoch.samples;
        figures.out_of_range += epoch.out_of_range;
        figures.dropped += epoch.dropped;
        figures.splits += record.splits.size();
        figures.merges += record.merges.size();
        figures.promoted_bytes += epoch.promoted_bytes;
        figures.demoted_bytes += epoch.demoted_bytes;
        figures.epochs.push_back(epoch);
    }
    figures.ping_pong_bytes = ping_pong.bytes();
    if (all.samples != 0)
        figures.mean_hit_ratio = all.fast / static_cast<double>(all.samples);
    if (!figures.epochs.empty()) {
        figures.end = end_of(figures.epochs);
        figures.ranges = process.epochs[figures.end].ranges;
    }
    if (figures.ranges.empty() && before)
        figures.ranges = *before;
    for (const Range &range : figures.ranges)
        figures.span_bytes += range.end - range.start;
    std::ranges::stable_sort(figures.ranges, [&](const Range &a, const Range &b) {
        return density_of(a, info.page_bytes) > density_of(b, info.page_bytes);
    });
    return figures;
}

}  // namespace sluice::trace
