// SPDX-License-Identifier: GPL-2.0-or-later
#include "sim/pattern.h"

#include "sim/shuffle.h"
#include "sim/zipf.h"

#include <algorithm>

namespace sluice {

namespace {

constexpr uint64_t page = 4096;

// A share of the accesses goes to the hot part, the rest anywhere: the hot part included.
double best_of_hot_set(const PatternConfig &config, uint64_t hot, double bytes)
{
    const auto size = static_cast<double>(config.size);
    const double in_hot = std::min(1.0, bytes / static_cast<double>(hot));
    return config.hot_share * in_hot + (1 - config.hot_share) * std::min(1.0, bytes / size);
}

class Uniform : public Pattern {
public:
    explicit Uniform(const PatternConfig &config) : config_(config) {}
    uint64_t next(Random &random) override { return random.below(config_.size); }
    double best(double bytes) const override
    {
        return std::min(1.0, bytes / static_cast<double>(config_.size));
    }

protected:
    PatternConfig config_;
};

class Streaming : public Uniform {
public:
    using Uniform::Uniform;
    uint64_t next(Random &) override
    {
        at_ = (at_ + config_.bytes_between_samples) % config_.size;
        return at_;
    }

private:
    uint64_t at_ = 0;
};

class HotSet : public Uniform {
public:
    explicit HotSet(const PatternConfig &config) : Uniform(config), places_(mix(config.seed))
    {
        move();
    }
    uint64_t next(Random &random) override
    {
        if (random.unit() < config_.hot_share)
            return start_ + random.below(config_.hot);
        return random.below(config_.size);
    }
    double best(double bytes) const override
    {
        return best_of_hot_set(config_, config_.hot, bytes);
    }

protected:
    // Anywhere, at any page, but where first touch has not put it into the fast tier already.
    void move()
    {
        const uint64_t room = config_.size - config_.hot;
        const uint64_t first = config_.fast_at_first < room ? config_.fast_at_first : 0;
        start_ = first + places_.below((room - first) / page + 1) * page;
    }

private:
    Random places_;
    uint64_t start_ = 0;
};

class Shifting : public HotSet {
public:
    using HotSet::HotSet;
    bool start_epoch(uint64_t epoch) override
    {
        if (epoch == 0 || epoch % config_.shift_epochs != 0)
            return false;
        move();
        return true;
    }
};

class Scattered : public Uniform {
public:
    explicit Scattered(const PatternConfig &config)
        : Uniform(config),
          pieces_(std::max<uint64_t>(config.hot / config.piece, 1)),
          place_(std::max<uint64_t>(config.size / config.piece, 1), mix(config.seed))
    {
    }
    uint64_t next(Random &random) override
    {
        if (random.unit() < config_.hot_share)
            return place_(random.below(pieces_)) * config_.piece + random.below(config_.piece);
        return random.below(config_.size);
    }
    double best(double bytes) const override
    {
        return best_of_hot_set(config_, pieces_ * config_.piece, bytes);
    }

private:
    uint64_t pieces_;
    Shuffle place_;
};

class ZipfPieces : public Uniform {
public:
    explicit ZipfPieces(const PatternConfig &config)
        : Uniform(config),
          place_(std::max<uint64_t>(config.size / config.piece, 1), mix(config.seed)),
          zipf_(place_.size(), config.theta)
    {
    }
    uint64_t next(Random &random) override
    {
        return place_(zipf_.next(random) - 1) * config_.piece + random.below(config_.piece);
    }
    double best(double bytes) const override
    {
        return zipf_.share_of_first(
            static_cast<uint64_t>(bytes / static_cast<double>(config_.piece)));
    }

private:
    Shuffle place_;
    Zipf zipf_;
};

}  // namespace

std::unique_ptr<Pattern> make_pattern(const PatternConfig &given)
{
    PatternConfig config = given;
    if (config.hot == 0)
        config.hot = config.size / 12;
    config.hot = std::clamp(config.hot, page, config.size);
    config.piece = std::min(config.piece, config.size);
    switch (config.kind) {
        case PatternKind::hotset:
            return std::make_unique<HotSet>(config);
        case PatternKind::scattered:
            return std::make_unique<Scattered>(config);
        case PatternKind::zipf:
            return std::make_unique<ZipfPieces>(config);
        case PatternKind::shifting:
            return std::make_unique<Shifting>(config);
        case PatternKind::streaming:
            return std::make_unique<Streaming>(config);
        case PatternKind::uniform:
        case PatternKind::recorded:
            break;
    }
    return std::make_unique<Uniform>(config);
}

}  // namespace sluice
