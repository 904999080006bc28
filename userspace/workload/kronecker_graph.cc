// SPDX-License-Identifier: GPL-2.0-or-later
// Probabilities: https://graph500.org/?page_id=12, "Generating the edge list".
#include "workload/kronecker_graph.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace sluice {

namespace {

struct Edge {
    uint64_t source = 0, target = 0;
};

// Three eighths of the memory for what there is of each vertex, the rest for the edges.
uint64_t vertices_for(uint64_t bytes, uint64_t vertex_bytes)
{
    return std::bit_floor(bytes / 8 * 3 / (vertex_bytes + sizeof(uint64_t)));
}

// A level of the product adds one bit to either end of an edge. Four levels are drawn at once, from
// a table that has each of their outcomes as often as it is likely.
class EdgeSource {
public:
    EdgeSource(uint64_t vertices, uint64_t seed)
        : bits_(static_cast<unsigned>(std::countr_zero(vertices))), random_(seed)
    {
        unsigned begin = 0;
        double sum = 0;
        for (unsigned outcome = 0; outcome < outcomes; ++outcome) {
            sum += probability(outcome);
            const auto end = static_cast<unsigned>(std::lround(sum * entries));
            std::fill(table_.begin() + begin, table_.begin() + end, static_cast<uint8_t>(outcome));
            begin = end;
        }
    }

    Edge next()
    {
        Edge edge;
        uint64_t draw = 0;
        for (unsigned drawn = 0; drawn < bits_; drawn += levels) {
            draw = drawn % (levels * draws) == 0 ? random_.next() : draw >> entry_bits;
            const unsigned outcome = table_[draw % entries];
            edge.source = edge.source << levels | outcome >> levels;
            edge.target = edge.target << levels | outcome % (1 << levels);
        }
        const unsigned more = (levels - bits_ % levels) % levels;
        return {edge.source >> more, edge.target >> more};
    }

private:
    static constexpr unsigned levels = 4, outcomes = 1 << 2 * levels;
    static constexpr unsigned entry_bits = 16, entries = 1 << entry_bits, draws = 64 / entry_bits;

    // The upper half of an outcome's bits are the source's.
    static double probability(unsigned outcome)
    {
        constexpr std::array quadrants = {0.57, 0.19, 0.19, 0.05};
        double product = 1;
        for (unsigned level = 0; level < levels; ++level)
            product *= quadrants[(outcome >> (levels + level) & 1) << 1 | (outcome >> level & 1)];
        return product;
    }

    unsigned bits_;
    Random random_;
    std::array<uint8_t, entries> table_{};
};

}  // namespace

KroneckerGraph::KroneckerGraph(Arena &arena, uint64_t vertex_bytes, uint64_t seed)
    : KroneckerGraph(arena, vertex_bytes * vertices_for(arena.bytes().size(), vertex_bytes),
                     vertices_for(arena.bytes().size(), vertex_bytes), seed)
{
}

KroneckerGraph::KroneckerGraph(Arena &arena, uint64_t offset, uint64_t vertices, uint64_t seed)
    : arena_(arena),
      first_(arena.as<uint64_t>(offset, vertices + 1)),
      targets_(arena.as<uint32_t>(
          offset + first_.size_bytes(),
          (arena.bytes().size() - offset - first_.size_bytes()) / sizeof(uint32_t)))
{
    count_edges(seed);
    place_edges(seed);
    checksums_ = checksums();
}

// Leaves in first_[v] where the edges of v begin.
void KroneckerGraph::count_edges(uint64_t seed)
{
    EdgeSource source(vertices(), seed);
    for (uint64_t edge = 0; edge < edges(); ++edge)
        ++first_[source.next().source];
    uint64_t before = 0;
    for (uint64_t &first : first_)
        before += std::exchange(first, before);
}

// The same edges come again. first_[v] goes up to where those of v end, which is where the next
// vertex begins; so all is put right by moving it one up.
void KroneckerGraph::place_edges(uint64_t seed)
{
    EdgeSource source(vertices(), seed);
    for (uint64_t edge = 0; edge < edges(); ++edge) {
        const auto [from, to] = source.next();
        targets_[first_[from]++] = static_cast<uint32_t>(to);
    }
    std::shift_right(first_.begin(), first_.end(), 1);
    first_.front() = 0;
}

std::vector<uint64_t> KroneckerGraph::checksums() const
{
    const auto bytes = arena_.bytes();
    const auto begin =
        static_cast<uint64_t>(reinterpret_cast<std::byte *>(first_.data()) - bytes.data());
    std::vector<uint64_t> sums;
    for (uint64_t at = begin; at < bytes.size(); at += page_bytes) {
        const uint64_t words = std::min(page_bytes, bytes.size() - at) / sizeof(uint64_t);
        uint64_t sum = at;
        for (const uint64_t word : arena_.as<uint64_t>(at, words))
            sum = std::rotl(sum, 5) + (word ^ sum) * 0x9e3779b97f4a7c15;
        sums.push_back(sum);
    }
    return sums;
}

uint64_t KroneckerGraph::corrupt_bytes() const
{
    const std::vector<uint64_t> now = checksums();
    uint64_t pages = 0;
    for (size_t i = 0; i < now.size(); ++i)
        pages += now[i] != checksums_[i];
    return pages * page_bytes;
}

}  // namespace sluice
