// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/row_table.h"

#include <algorithm>

namespace sluice {

namespace {

uint64_t column(uint64_t id, uint64_t i)
{
    return id * 0x9e3779b97f4a7c15 + i;
}

}  // namespace

RowTable::RowTable(const RowTableConfig &config, Arena arena)
    : Load(std::move(arena)),
      rows_(arena_.as<Row>(0, arena_.bytes().size() / sizeof(Row))),
      newest_(static_cast<uint64_t>(static_cast<double>(rows_.size()) * config.new_fraction)),
      insert_threshold_(threshold_of(config.insert_share)),
      new_threshold_(threshold_of(config.new_share)),
      random_(config.seed)
{
    while (next_ < rows_.size() / 4 * 3)
        insert();
}

Result<std::unique_ptr<Load>> RowTable::create(const RowTableConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new RowTable(config, std::move(*arena)));
}

void RowTable::insert()
{
    Row &to = row(next_);
    arena_.touch(&to);
    to.id = next_;
    for (uint64_t i = 0; i < to.columns.size(); ++i)
        to.columns[i] = column(next_, i);
    ++next_;
}

bool RowTable::good(uint64_t id)
{
    const Row &from = row(id);
    if (from.id != id)
        return false;
    for (uint64_t i = 0; i < from.columns.size(); ++i)
        if (from.columns[i] != column(id, i))
            return false;
    return true;
}

uint64_t RowTable::pick()
{
    const uint64_t held = std::min<uint64_t>(next_, rows_.size());
    return next_ - 1 - random_.below(random_.hit(new_threshold_) ? newest_ : held);
}

void RowTable::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        if (random_.hit(insert_threshold_)) {
            insert();
            continue;
        }
        const uint64_t id = pick();
        arena_.touch(&row(id));
        wrong_reads_ += !good(id);
    }
}

// The newest rows are all that is hot.
std::vector<uint32_t> RowTable::page_heat(uint64_t)
{
    std::vector<uint32_t> heat(arena_.bytes().size() / page_bytes, 1);
    for (uint64_t id = next_ - newest_; id < next_; ++id)
        heat[id % rows_.size() * sizeof(Row) / page_bytes] = 2;
    return heat;
}

uint64_t RowTable::corrupt_bytes()
{
    uint64_t bad = wrong_reads_;
    for (uint64_t id = next_ - std::min<uint64_t>(next_, rows_.size()); id < next_; ++id)
        bad += !good(id);
    return bad * sizeof(Row);
}

}  // namespace sluice
