// SPDX-License-Identifier: GPL-2.0-or-later
// The classifier: what a sample costs until it is counted.
//
// Ours does all of its work: it sorts the samples, decays, counts, looks for cuts and merges. The
// peers do the one thing that they are for, finding the sample's counter: the ordered map and the
// interval map have the very ranges that ours has found, the hash tables have a counter for each
// page, as systems have that track pages.
#include <map>
#include <memory>
#include <unordered_map>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <tsl/robin_map.h>

#include <boost/icl/interval_map.hpp>

#include "kernel.h"
#include "register.h"

namespace bench {
namespace {

using unit::Entries;
using unit::operator""_GiB;
using unit::operator""_TiB;
using unit::operator""_MiB;

constexpr u64 kSpan = 1_GiB;
constexpr unsigned kEpochs = 32;

// A process with so many mappings of 1 GiB; in each of them an eighth is hot and gets nine tenths.
class Process {
public:
    explicit Process(unsigned mappings) : mappings_(mappings) {}

    std::vector<sluice_span> spans() const
    {
        std::vector<sluice_span> spans;
        for (unsigned i = 0; i < mappings_; i++)
            spans.push_back({base(i), base(i) + kSpan});
        return spans;
    }
    Entries epoch(unsigned samples)
    {
        Entries entries(samples);
        for (u64 &entry : entries) {
            const u64 hot = base(random_.below(mappings_)) + 512_MiB;
            entry = random_.chance(0.9) ? hot + random_.below(kSpan / 8)
                                        : hot - 512_MiB + random_.below(kSpan);
        }
        return entries;
    }

private:
    static u64 base(unsigned i) { return 1_TiB + i * 2 * kSpan; }

    unsigned mappings_;
    unit::Random random_{1};
};

// The same epochs for everybody, and the ranges to which ours comes with them.
struct Scene {
    Scene(unsigned samples, unsigned mappings)
    {
        Process process(mappings);
        ranges.sync(process.spans());
        for (unsigned i = 0; i < kEpochs; i++)
            epochs.push_back(process.epoch(samples));
        for (const Entries &epoch : epochs)
            ranges.epoch(epoch);
    }

    std::vector<Entries> epochs;
    unit::Ranges ranges;
};

Scene &scene_of(unsigned samples, unsigned mappings)
{
    static std::map<std::pair<unsigned, unsigned>, std::unique_ptr<Scene>> scenes;
    auto &scene = scenes[{samples, mappings}];
    if (!scene)
        scene = std::make_unique<Scene>(samples, mappings);
    return *scene;
}

class Sluice {
public:
    explicit Sluice(Scene &scene) : ranges_(scene.ranges) {}
    u64 classify(const Entries &samples)
    {
        sluice_ranges_stats stats;
        work_ = samples;
        scratch_.resize(work_.size());
        sluice_ranges_epoch(ranges_.raw(), work_.data(), scratch_.data(), work_.size(), &stats);
        return stats.classified;
    }

private:
    unit::Ranges &ranges_;
    Entries work_, scratch_;
};

class OrderedMap {
public:
    explicit OrderedMap(Scene &scene)
    {
        for (const sluice_range &range : scene.ranges.all())
            map_[range.start] = {range.end, 0};
    }
    u64 classify(const Entries &samples)
    {
        u64 classified = 0;
        for (u64 sample : samples) {
            auto it = map_.upper_bound(sample);
            if (it == map_.begin() || sample >= (--it)->second.end)
                continue;
            it->second.count++;
            classified++;
        }
        return classified;
    }

private:
    struct Range {
        u64 end;
        u64 count;
    };
    std::map<u64, Range> map_;
};

class IntervalMap {
public:
    explicit IntervalMap(Scene &scene)
    {
        for (const sluice_range &range : scene.ranges.all()) {
            // One more than the index: neighbours with the same value would become one.
            map_.insert({Interval::right_open(range.start, range.end), counts_.size() + 1});
            counts_.push_back(0);
        }
    }
    u64 classify(const Entries &samples)
    {
        u64 classified = 0;
        for (u64 sample : samples) {
            const auto it = map_.find(sample);
            if (it == map_.end())
                continue;
            counts_[it->second - 1]++;
            classified++;
        }
        return classified;
    }

private:
    using Interval = boost::icl::interval<u64>;
    boost::icl::interval_map<u64, u64> map_;
    std::vector<u64> counts_;
};

// Filled beforehand: what is timed is the steady state, in which every page has its counter.
template <class Map>
class PageTable {
public:
    explicit PageTable(Scene &scene)
    {
        for (const Entries &epoch : scene.epochs)
            classify(epoch);
    }
    u64 classify(const Entries &samples)
    {
        for (u64 sample : samples)
            map_[sample >> 12]++;
        return samples.size();
    }

private:
    Map map_;
};

template <class Classifier>
void classify(benchmark::State &state, unsigned samples, unsigned mappings)
{
    Scene &scene = scene_of(samples, mappings);
    Classifier classifier(scene);
    u64 classified = 0;
    unsigned next = 0;
    for (auto _ : state)
        classified += classifier.classify(scene.epochs[next++ % kEpochs]);
    if (classified != state.iterations() * u64{samples})
        state.SkipWithError("a sample was not counted");
    state.SetItemsProcessed(state.iterations() * samples);
    state.counters["ranges"] = scene.ranges.size();
}

template <class Classifier>
void add_contender(const char *name)
{
    for (unsigned mappings : {4U, 64U})
        for (unsigned samples : {600U, 4096U})
            benchmark::RegisterBenchmark(
                fmt::format("classifier, {} samples, {} mappings/{}", samples, mappings, name)
                    .c_str(),
                classify<Classifier>, samples, mappings);
}

}  // namespace

void register_classifier()
{
    add_contender<Sluice>("sluice");
    add_contender<OrderedMap>("std::map of ranges");
    add_contender<IntervalMap>("boost::icl::interval_map");
    add_contender<PageTable<std::unordered_map<u64, u32>>>("std::unordered_map of pages");
    add_contender<PageTable<tsl::robin_map<u64, u32>>>("tsl::robin_map of pages");
}

}  // namespace bench
