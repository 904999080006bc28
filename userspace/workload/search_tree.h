// SPDX-License-Identifier: GPL-2.0-or-later
// An index: look-ups in a B+ tree whose inner nodes are hot and whose leaves are not.
#pragma once

#include "workload/load.h"
#include "workload/random.h"

#include <array>

namespace sluice {

struct SearchTreeConfig {
    uint64_t bytes = 256 << 20;
    uint64_t seed = 1;
};

// Loaded in bulk: leaves first, then each level above, the root last. All keys are looked up alike;
// each answer is checked.
class SearchTree : public Load {
public:
    static constexpr uint64_t fanout = 16;
    struct Node {
        std::array<uint64_t, fanout> keys{};   // the smallest below each child; in leaves: the keys
        std::array<uint64_t, fanout> below{};  // numbers of children; in leaves: the values
    };

    static Result<std::unique_ptr<Load>> create(const SearchTreeConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;

private:
    SearchTree(const SearchTreeConfig &config, Arena arena);
    void build_leaves();
    void build_level(uint64_t first, uint64_t count);
    uint64_t look_up(uint64_t key);
    uint64_t corrupt_below(uint64_t node, unsigned level, uint64_t &next_key) const;

    std::span<Node> nodes_;
    uint64_t leaves_;
    uint64_t keys_;
    uint64_t root_ = 0;
    unsigned levels_ = 1;
    Random random_;
    uint64_t wrong_reads_ = 0;
};

}  // namespace sluice
