// SPDX-License-Identifier: GPL-2.0-or-later
// A directed Kronecker graph with the probabilities of the Graph500 benchmark (0.57, 0.19, 0.19,
// 0.05), in memory by source. Vertices keep their numbers: low ones have most of the edges.
#pragma once

#include "workload/arena.h"
#include "workload/random.h"

#include <cstdint>
#include <span>
#include <vector>

namespace sluice {

class KroneckerGraph {
public:
    // Takes all of the arena's memory but for `vertex_bytes` for each vertex at its beginning,
    // which are its user's. The number of vertices follows, a power of two.
    KroneckerGraph(Arena &arena, uint64_t vertex_bytes, uint64_t seed);

    uint64_t vertices() const { return first_.size() - 1; }
    uint64_t edges() const { return targets_.size(); }

    // The edges of a vertex: numbers from first_edge(v) to below first_edge(v + 1).
    uint64_t first_edge(uint64_t vertex)
    {
        arena_.touch(&first_[vertex]);
        return first_[vertex];
    }
    uint64_t target(uint64_t edge)
    {
        arena_.touch(&targets_[edge]);
        return targets_[edge];
    }

    // Bytes that have changed since the graph was made.
    uint64_t corrupt_bytes() const;

private:
    KroneckerGraph(Arena &arena, uint64_t offset, uint64_t vertices, uint64_t seed);
    void count_edges(uint64_t seed);
    void place_edges(uint64_t seed);
    std::vector<uint64_t> checksums() const;

    Arena &arena_;
    std::span<uint64_t> first_;  // of each vertex, and one more
    std::span<uint32_t> targets_;
    std::vector<uint64_t> checksums_;  // of each piece of a page's size
};

}  // namespace sluice
