// SPDX-License-Identifier: GPL-2.0-or-later
// PageRank on a Kronecker graph: vertices in order, their edges in order, and for each edge the
// rank at its other end, wherever that is.
#pragma once

#include "workload/checked.h"
#include "workload/kronecker_graph.h"
#include "workload/load.h"

#include <array>

namespace sluice {

struct PageRankConfig {
    uint64_t bytes = 256 << 20;
    uint64_t seed = 1;
};

// Ranks are pulled along the edges, as 32-bit fixed point: what a vertex passes on to each of its
// neighbours. An operation is an edge.
class PageRank : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const PageRankConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;

private:
    static constexpr uint64_t vertex_bytes = 2 * sizeof(Checked);

    PageRank(const PageRankConfig &config, Arena arena);
    void begin_vertex();
    void finish_vertex();

    KroneckerGraph graph_;
    std::array<std::span<Checked>, 2> passed_on_;  // by round: of this one, of the one before
    uint64_t round_ = 1;
    uint64_t vertex_ = 0;
    uint64_t edge_ = 0, last_edge_ = 0;
    uint64_t sum_ = 0;
    uint64_t wrong_reads_ = 0;
};

}  // namespace sluice
