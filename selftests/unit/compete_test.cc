// SPDX-License-Identifier: GPL-2.0-or-later
// Several processes compete for one fast tier: how close the one ranking over all of them comes to
// an oracle that knows how often each page is accessed.
#include <functional>
#include <memory>
#include <string>

#include "kernel.h"

namespace unit {
namespace {

constexpr unsigned kMoveNs = 4000;

// A process whose accesses go to a hot part with some probability, and anywhere otherwise.
struct Workload {
    unsigned samples;  // in an epoch, on average
    u64 resident;
    u64 hot_at;
    u64 hot_len;
    double share;

    // Of all its accesses, per page of the hot part and of the rest.
    double hot_per_page() const { return samples * share / pages(hot_len) + cold_per_page(); }
    double cold_per_page() const { return samples * (1 - share) / pages(resident); }
    static double pages(u64 bytes) { return static_cast<double>(bytes / kPage); }
};

class Process {
public:
    explicit Process(const Workload &workload, u64 seed)
        : workload_(workload), random_(seed), fast_(workload.resident / kPage, false)
    {
        ranges_.sync({{kStart, kStart + workload.resident}});
    }

    // First touch takes what is left of the fast tier.
    void touch(u64 &room)
    {
        const u64 pages = std::min<u64>(room, fast_.size());
        std::fill_n(fast_.begin(), pages, true);
        room -= pages;
    }

    // Returns how many of its accesses the fast tier served.
    u64 run()
    {
        Entries samples(workload_.samples * 9 / 10 + random_.below(workload_.samples / 5 + 1));
        u64 hits = 0;
        for (u64 &address : samples) {
            address = kStart + (random_.chance(workload_.share)
                                    ? workload_.hot_at + random_.below(workload_.hot_len)
                                    : random_.below(workload_.resident));
            hits += fast_[page(address)];
        }
        accesses_ = samples.size();
        ranges_.epoch(samples);
        for (sluice_range &range : ranges_.all()) {
            auto begin = fast_.begin() + page(range.start), end = fast_.begin() + page(range.end);
            range.resident_pages = end - begin;
            range.fast_pages[0] = std::count(begin, end, true);
        }
        return hits;
    }

    void obey()
    {
        for (sluice_range &range : ranges_.all()) {
            u64 goal = range.fast_goal[0], now = range.fast_pages[0];
            for (u64 p = page(range.start); p < page(range.end); p++) {
                if (now > goal && fast_[p]) {
                    fast_[p] = false;
                    now--;
                } else if (now < goal && !fast_[p]) {
                    fast_[p] = true;
                    now++;
                }
            }
        }
    }

    u64 accesses() const { return accesses_; }
    Ranges &ranges() { return ranges_; }
    const Workload &workload() const { return workload_; }

private:
    static constexpr u64 kStart = 1_TiB;
    static u64 page(u64 address) { return (address - kStart) / kPage; }

    Workload workload_;
    Random random_;
    Ranges ranges_;
    std::vector<bool> fast_;
    u64 accesses_ = 0;
};

class Competition {
public:
    Competition(const std::vector<Workload> &workloads, u64 fast) : capacity_(fast / kPage)
    {
        u64 room = capacity_;
        processes_.reserve(workloads.size());
        for (const Workload &workload : workloads) {
            processes_.push_back(std::make_unique<Process>(workload, processes_.size() + 1));
            processes_.back()->touch(room);
        }
    }

    // One epoch of all; the share of all accesses that the fast tier served.
    double epoch()
    {
        u64 hits = 0, accesses = 0;
        for (auto &process : processes_) {
            hits += process->run();
            accesses += process->accesses();
        }
        std::vector<sluice_candidate> candidates;
        for (auto &process : processes_)
            for (sluice_range &range : process->ranges().all())
                candidates.push_back(candidate(range));
        sluice_placement pl = two_tiers(capacity_, SLUICE_MARGIN_DEFAULT_PCT, kMoveNs);
        sluice_placement_rank(&pl, candidates.data(), candidates.size());
        for (auto &process : processes_)
            process->obey();
        return static_cast<double>(hits) / static_cast<double>(accesses);
    }

    double mean(int epochs)
    {
        double sum = 0;
        for (int i = 0; i < epochs; i++)
            sum += epoch();
        return sum / epochs;
    }

    // The hottest pages of all, as many as fit.
    double oracle() const
    {
        std::vector<std::pair<double, double>> parts;  // accesses per page, pages
        double all = 0, hits = 0, room = static_cast<double>(capacity_);
        for (const auto &process : processes_) {
            const Workload &w = process->workload();
            parts.emplace_back(w.hot_per_page(), Workload::pages(w.hot_len));
            parts.emplace_back(w.cold_per_page(), Workload::pages(w.resident - w.hot_len));
            all += w.samples;
        }
        std::ranges::sort(parts, std::greater());
        for (const auto &[per_page, pages] : parts) {
            hits += per_page * std::min(pages, room);
            room -= std::min(pages, room);
        }
        return hits / all;
    }

private:
    std::vector<std::unique_ptr<Process>> processes_;
    u64 capacity_;
};

// Different sizes, rates and places of the hot set; what is hot in all is more than fits.
const std::vector<Workload> kFive = {
    {1200, 256_MiB, 100_MiB, 24_MiB, 0.90}, {600, 256_MiB, 10_MiB, 16_MiB, 0.80},
    {900, 256_MiB, 200_MiB, 40_MiB, 0.95},  {300, 256_MiB, 64_MiB, 32_MiB, 0.90},
    {150, 256_MiB, 220_MiB, 20_MiB, 0.50},
};

class Compete : public testing::TestWithParam<u64> {};

TEST_P(Compete, ComesWithinFivePercentOfTheOracle)
{
    Competition competition(kFive, GetParam());
    competition.mean(20);
    const double mean = competition.mean(40), oracle = competition.oracle();
    RecordProperty("hit_ratio", std::to_string(mean));
    RecordProperty("oracle", std::to_string(oracle));
    EXPECT_GE(mean, oracle * 0.95) << "oracle " << oracle;
}

INSTANTIATE_TEST_SUITE_P(FastTierOf, Compete, testing::Values(40_MiB, 100_MiB, 160_MiB, 256_MiB),
                         [](const auto &info) {
                             return std::to_string(info.param / 1_MiB) + "MiB";
                         });

// Equals among equals: nothing to gain, nothing moves.
TEST(Equals, FiveAlikeDoNotTakeFromEachOther)
{
    const std::vector<Workload> alike(5, {500, 128_MiB, 32_MiB, 32_MiB, 0.9});
    Competition competition(alike, 64_MiB);
    competition.mean(40);
    EXPECT_GE(competition.mean(40), competition.oracle() * 0.9);
}

}  // namespace
}  // namespace unit
