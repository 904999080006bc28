// SPDX-License-Identifier: GPL-2.0-or-later
// Breadth-first searches on a Kronecker graph, one after the other from random vertices.
#pragma once

#include "workload/checked.h"
#include "workload/kronecker_graph.h"
#include "workload/load.h"

namespace sluice {

struct GraphSearchConfig {
    uint64_t bytes = 256 << 20;
    uint64_t seed = 1;
};

// An operation is an edge that is looked at. A vertex is marked with its position in the queue; the
// mark of an earlier search is none.
class GraphSearch : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const GraphSearchConfig &config);

    void step(uint64_t operations) override;
    // Sees marks and queue of the search that is going on, and all of the graph.
    uint64_t corrupt_bytes() override;

private:
    static constexpr uint64_t vertex_bytes = sizeof(Checked) + sizeof(uint32_t);

    GraphSearch(const GraphSearchConfig &config, Arena arena);
    void visit(uint64_t vertex);
    void next_vertex();

    KroneckerGraph graph_;
    std::span<Checked> marks_;   // by vertex
    std::span<uint32_t> queue_;  // vertices in the order in which they were reached
    uint64_t search_ = 0;
    uint64_t head_ = 0, tail_ = 0;
    uint64_t edge_ = 0, last_edge_ = 0;
    Random random_;
    uint64_t wrong_reads_ = 0;
};

}  // namespace sluice
