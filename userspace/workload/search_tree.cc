// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/search_tree.h"

namespace sluice {

namespace {

// Keys are even, so that what is asked for could be missing; values follow from them.
constexpr uint64_t key_of(uint64_t i)
{
    return 2 * i;
}

uint64_t value_of_key(uint64_t key)
{
    return mix(key ^ 0x5bd1e995);
}

}  // namespace

// Of all nodes, one in `fanout` is not a leaf.
SearchTree::SearchTree(const SearchTreeConfig &config, Arena arena)
    : Load(std::move(arena)),
      nodes_(arena_.as<Node>(0, arena_.bytes().size() / sizeof(Node))),
      leaves_(nodes_.size() / fanout * (fanout - 1) - 2 * fanout),
      keys_(leaves_ * fanout),
      random_(config.seed)
{
    build_leaves();
    uint64_t first = 0, count = leaves_;
    while (count > 1) {
        build_level(first, count);
        first += count;
        count = (count + fanout - 1) / fanout;
        ++levels_;
    }
    root_ = first;
}

Result<std::unique_ptr<Load>> SearchTree::create(const SearchTreeConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new SearchTree(config, std::move(*arena)));
}

void SearchTree::build_leaves()
{
    for (uint64_t leaf = 0; leaf < leaves_; ++leaf)
        for (uint64_t i = 0; i < fanout; ++i) {
            nodes_[leaf].keys[i] = key_of(leaf * fanout + i);
            nodes_[leaf].below[i] = value_of_key(key_of(leaf * fanout + i));
        }
}

// The parents of `count` nodes come right after them; the last may have fewer children.
void SearchTree::build_level(uint64_t first, uint64_t count)
{
    for (uint64_t child = 0; child < count; ++child) {
        Node &parent = nodes_[first + count + child / fanout];
        if (child % fanout == 0)
            parent.keys.fill(~uint64_t{0});
        parent.keys[child % fanout] = nodes_[first + child].keys[0];
        parent.below[child % fanout] = first + child;
    }
}

uint64_t SearchTree::look_up(uint64_t key)
{
    uint64_t at = root_;
    for (unsigned level = levels_;; --level) {
        const Node &node = nodes_[at];
        arena_.touch(&node);
        uint64_t i = 0;
        while (i + 1 < fanout && node.keys[i + 1] <= key)
            ++i;
        if (level == 1)
            return node.keys[i] == key ? node.below[i] : 0;
        at = node.below[i];
        if (at >= nodes_.size())
            return 0;
    }
}

void SearchTree::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        const uint64_t key = key_of(random_.below(keys_));
        wrong_reads_ += look_up(key) != value_of_key(key);
    }
}

uint64_t SearchTree::corrupt_below(uint64_t at, unsigned level, uint64_t &next_key) const
{
    if (at >= nodes_.size())
        return sizeof(Node);
    const Node &node = nodes_[at];
    uint64_t bad = 0;
    for (uint64_t i = 0; i < fanout && next_key < key_of(keys_); ++i) {
        bad += 8ULL * (node.keys[i] != next_key);
        if (level == 1) {
            bad += 8ULL * (node.below[i] != value_of_key(next_key));
            next_key += 2;
        } else {
            bad += corrupt_below(node.below[i], level - 1, next_key);
        }
    }
    return bad;
}

// All keys come by in order, whatever level they are kept in.
uint64_t SearchTree::corrupt_bytes()
{
    uint64_t next_key = 0;
    const uint64_t bad = corrupt_below(root_, levels_, next_key);
    return bad + wrong_reads_ * sizeof(Node);
}

}  // namespace sluice
