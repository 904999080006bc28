// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/graph_search.h"

namespace sluice {

GraphSearch::GraphSearch(const GraphSearchConfig &config, Arena arena)
    : Load(std::move(arena)),
      graph_(arena_, vertex_bytes, config.seed),
      marks_(arena_.as<Checked>(0, graph_.vertices())),
      queue_(arena_.as<uint32_t>(marks_.size_bytes(), graph_.vertices())),
      random_(config.seed)
{
}

Result<std::unique_ptr<Load>> GraphSearch::create(const GraphSearchConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new GraphSearch(config, std::move(*arena)));
}

void GraphSearch::visit(uint64_t vertex)
{
    marks_[vertex].set(static_cast<uint32_t>(tail_), vertex, search_);
    arena_.touch(&queue_[tail_]);
    queue_[tail_++] = static_cast<uint32_t>(vertex);
}

void GraphSearch::next_vertex()
{
    if (head_ == tail_) {
        ++search_;
        head_ = tail_ = 0;
        visit(random_.below(graph_.vertices()));
    }
    arena_.touch(&queue_[head_]);
    const uint64_t vertex = queue_[head_++];
    if (vertex >= graph_.vertices()) {
        ++wrong_reads_;
        return;
    }
    edge_ = graph_.first_edge(vertex);
    last_edge_ = graph_.first_edge(vertex + 1);
}

void GraphSearch::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        while (edge_ == last_edge_)
            next_vertex();
        const uint64_t other = graph_.target(edge_++);
        if (other >= graph_.vertices()) {
            ++wrong_reads_;
            continue;
        }
        arena_.touch(&marks_[other]);
        if (!marks_[other].good(other, search_))
            visit(other);
    }
}

uint64_t GraphSearch::corrupt_bytes()
{
    uint64_t reached = 0, bad = wrong_reads_;
    for (uint64_t v = 0; v < graph_.vertices(); ++v) {
        if (!marks_[v].good(v, search_))
            continue;
        ++reached;
        bad += marks_[v].value() >= tail_ || queue_[marks_[v].value()] != v;
    }
    const uint64_t missing = reached < tail_ ? tail_ - reached : 0;
    return (bad + missing) * sizeof(Checked) + graph_.corrupt_bytes();
}

}  // namespace sluice
