// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/cross_sections.h"

namespace sluice {

namespace {

// Energies rise by uneven steps; that many steps of the grid share one.
constexpr uint64_t energy_of(uint64_t point)
{
    return (point << 16) + (mix(point) & 0xffff);
}

constexpr uint64_t value(uint64_t entry, uint64_t i)
{
    return entry * 0x9e3779b97f4a7c15 + i;
}

// The tables are a quarter of all.
uint64_t table_entries(uint64_t bytes)
{
    return bytes / 4 / sizeof(CrossSections::Entry) / CrossSections::nuclides;
}

// Fuel has all nuclides and is met most often; water and steel have a few, the same ones.
unsigned nuclides_of(uint64_t material)
{
    return material < 9 ? CrossSections::nuclides : material < 14 ? 3 : 5;
}

}  // namespace

// The tables come last: they are hot, and the grid is larger.
CrossSections::CrossSections(const CrossSectionsConfig &config, Arena arena)
    : Load(std::move(arena)),
      per_nuclide_(table_entries(arena_.bytes().size())),
      random_(config.seed)
{
    const uint64_t tables = per_nuclide_ * nuclides * sizeof(Entry);
    const uint64_t points = (arena_.bytes().size() - tables) / sizeof(GridPoint);
    grid_ = arena_.as<GridPoint>(0, points);
    entries_ = arena_.as<Entry>(arena_.bytes().size() - tables, per_nuclide_ * nuclides);
    for (uint64_t point = 0; point < points; ++point) {
        grid_[point].energy = energy_of(point);
        const auto index = static_cast<uint32_t>(point * per_nuclide_ / points);
        grid_[point].index.fill(index);
    }
    for (uint64_t entry = 0; entry < entries_.size(); ++entry)
        for (uint64_t i = 0; i < entries_[entry].values.size(); ++i)
            entries_[entry].values[i] = value(entry, i);
}

Result<std::unique_ptr<Load>> CrossSections::create(const CrossSectionsConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new CrossSections(config, std::move(*arena)));
}

// The last point that is not above.
uint64_t CrossSections::search(uint64_t energy)
{
    uint64_t lo = 0, hi = grid_.size();
    while (hi - lo > 1) {
        const uint64_t middle = lo + (hi - lo) / 2;
        arena_.touch(&grid_[middle]);
        (grid_[middle].energy <= energy ? lo : hi) = middle;
    }
    return lo;
}

bool CrossSections::look_up(uint64_t point, unsigned nuclide)
{
    const uint64_t entry = nuclide * per_nuclide_ + grid_[point].index[nuclide];
    if (entry >= entries_.size())
        return false;
    arena_.touch(&entries_[entry]);
    return entries_[entry].values[0] == value(entry, 0) &&
           entries_[entry].values[5] == value(entry, 5);
}

void CrossSections::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        const uint64_t wanted = random_.below(grid_.size());
        const uint64_t point = search(energy_of(wanted));
        wrong_reads_ += point != wanted;
        const unsigned count = nuclides_of(random_.next() >> 60);
        for (unsigned nuclide = 0; nuclide < count; ++nuclide)
            wrong_reads_ += !look_up(point, nuclide);
    }
}

uint64_t CrossSections::corrupt_bytes()
{
    uint64_t bad = wrong_reads_ * sizeof(Entry);
    for (uint64_t point = 0; point < grid_.size(); ++point) {
        bad += grid_[point].energy != energy_of(point) ? sizeof(uint64_t) : 0;
        for (const uint32_t index : grid_[point].index)
            bad += index != point * per_nuclide_ / grid_.size() ? sizeof(index) : 0;
    }
    for (uint64_t entry = 0; entry < entries_.size(); ++entry)
        for (uint64_t i = 0; i < entries_[entry].values.size(); ++i)
            bad += entries_[entry].values[i] != value(entry, i) ? sizeof(uint64_t) : 0;
    return bad;
}

}  // namespace sluice
