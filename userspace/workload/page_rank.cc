// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/page_rank.h"

#include <algorithm>

namespace sluice {

namespace {

constexpr uint64_t one = 1 << 20;              // a rank of 1
constexpr uint64_t damping = 85, whole = 100;  // Brin and Page's 0.85
constexpr uint64_t most = ~uint32_t{0};

}  // namespace

PageRank::PageRank(const PageRankConfig &config, Arena arena)
    : Load(std::move(arena)), graph_(arena_, vertex_bytes, config.seed)
{
    const uint64_t vertices = graph_.vertices();
    for (uint64_t i = 0; i < passed_on_.size(); ++i) {
        passed_on_[i] = arena_.as<Checked>(i * vertices * sizeof(Checked), vertices);
        for (uint64_t v = 0; v < vertices; ++v)
            passed_on_[i][v].set(one, v, 0);
    }
    begin_vertex();
}

Result<std::unique_ptr<Load>> PageRank::create(const PageRankConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new PageRank(config, std::move(*arena)));
}

void PageRank::begin_vertex()
{
    edge_ = graph_.first_edge(vertex_);
    last_edge_ = graph_.first_edge(vertex_ + 1);
    sum_ = 0;
}

void PageRank::finish_vertex()
{
    Checked &mine = passed_on_[round_ % 2][vertex_];
    const uint64_t degree = std::max<uint64_t>(last_edge_ - graph_.first_edge(vertex_), 1);
    const uint64_t rank = one * (whole - damping) / whole + sum_ * damping / whole;
    arena_.touch(&mine);
    mine.set(static_cast<uint32_t>(std::min(rank / degree, most)), vertex_, round_);
    if (++vertex_ == graph_.vertices()) {
        vertex_ = 0;
        ++round_;
    }
    begin_vertex();
}

void PageRank::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        while (edge_ == last_edge_)
            finish_vertex();
        const uint64_t other = graph_.target(edge_++);
        if (other >= graph_.vertices()) {
            ++wrong_reads_;
            continue;
        }
        const Checked &theirs = passed_on_[(round_ - 1) % 2][other];
        arena_.touch(&theirs);
        sum_ += theirs.value();
    }
}

// Those that this round has not come to yet are two rounds old; at first none was written.
uint64_t PageRank::corrupt_bytes()
{
    const auto &now = passed_on_[round_ % 2], &before = passed_on_[(round_ - 1) % 2];
    const uint64_t earlier = round_ < 2 ? 0 : round_ - 2;
    uint64_t bad = wrong_reads_;
    for (uint64_t v = 0; v < graph_.vertices(); ++v) {
        bad += !now[v].good(v, v < vertex_ ? round_ : earlier);
        bad += !before[v].good(v, round_ - 1);
    }
    return bad * sizeof(Checked) + graph_.corrupt_bytes();
}

}  // namespace sluice
