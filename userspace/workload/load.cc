// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/load.h"

#include "workload/competing.h"
#include "workload/cross_sections.h"
#include "workload/graph_search.h"
#include "workload/hash_table.h"
#include "workload/hot_updates.h"
#include "workload/linear_training.h"
#include "workload/page_rank.h"
#include "workload/ping_pong.h"
#include "workload/redis_table.h"
#include "workload/row_table.h"
#include "workload/search_tree.h"
#include "workload/sqlite_table.h"
#include "workload/sweep.h"

#include <algorithm>
#include <array>

namespace sluice {

namespace {

HotUpdatesConfig hot_updates(const LoadConfig &config)
{
    HotUpdatesConfig updates;
    updates.bytes = config.bytes;
    updates.seed = config.seed;
    if (config.name == "gups-2m")
        updates.piece_bytes = 2 << 20;
    if (config.name == "gups-4k")
        updates.piece_bytes = page_bytes;
    if (config.name == "shifting")
        updates.shift_every = config.shift_every;
    if (config.name == "uniform")
        updates.hot_share = 0;
    return updates;
}

HashTableConfig hash_table(const LoadConfig &config)
{
    HashTableConfig table;
    table.bytes = config.bytes;
    table.seed = config.seed;
    table.ordered = config.name == "zipf-ordered";
    return table;
}

}  // namespace

std::vector<uint32_t> Load::page_heat(uint64_t operations)
{
    arena_.start_counting();
    step(operations);
    return arena_.stop_counting();
}

const std::vector<LoadInfo> &known_loads()
{
    static const std::vector<LoadInfo> loads = {
        {"gups", "update", "90 % of random updates to the last 8 % of the memory"},
        {"gups-2m", "update", "the same with the hot 8 % scattered in pieces of 2 MiB"},
        {"gups-4k", "update", "the same in pieces of 4 KiB"},
        {"shifting", "update", "gups whose hot part moves"},
        {"zipf", "request",
         "key-value store on a hash table, 10 % updates, popular keys scattered"},
        {"zipf-ordered", "request", "the same with popular keys beside each other"},
        {"oltp", "transaction", "a table that grows; 90 % of reads to the newest rows"},
        {"btree", "look-up", "B+ tree loaded in bulk, all keys alike"},
        {"transport", "look-up", "cross sections of nuclides, as in neutron transport"},
        {"pagerank", "edge", "PageRank on a Kronecker graph"},
        {"bfs", "edge", "breadth-first searches on a Kronecker graph"},
        {"sqlite", "query", "Debian's SQLite in memory, newest records popular, 5 % updates"},
        {"liblinear", "example",
         "Debian's liblinear, one pass over each part of the examples in turn"},
        {"redis", "request", "Debian's redis-server, 90 % of the reads to the tenth inserted last"},
        {"compete", "update", "two programs of half the memory each, hot parts of 16 % and 48 %"},
        {"streaming", "line", "sweeps over all of the memory"},
        {"uniform", "update", "random updates, everywhere alike"},
        {"pingpong", "round", "two processes on one CPU that wake each other through pipes"},
    };
    return loads;
}

Result<std::unique_ptr<Load>> make_load(const LoadConfig &config)
{
    const std::string &name = config.name;
    if (name.starts_with("gups") || name == "shifting" || name == "uniform")
        return HotUpdates::create(hot_updates(config));
    if (name.starts_with("zipf"))
        return HashTable::create(hash_table(config));
    if (name == "oltp")
        return RowTable::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "btree")
        return SearchTree::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "transport")
        return CrossSections::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "pagerank")
        return PageRank::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "bfs")
        return GraphSearch::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "sqlite")
        return SqliteTable::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "liblinear")
        return LinearTraining::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "redis")
        return RedisTable::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "compete")
        return Competing::create({.bytes = config.bytes, .seed = config.seed});
    if (name == "streaming")
        return Sweep::create({.bytes = config.bytes});
    if (name == "pingpong")
        return PingPong::create();
    return fail(Error{Code::usage, "make load", name, "no such load", {}});
}

}  // namespace sluice
