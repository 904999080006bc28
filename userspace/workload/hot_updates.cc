// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/hot_updates.h"

#include <algorithm>
#include <bit>
#include <numeric>

namespace sluice {

HotUpdates::HotUpdates(const HotUpdatesConfig &config, Arena arena)
    : Load(std::move(arena)),
      config_(config),
      counting_(config.seed),
      hot_threshold_(threshold_of(config.hot_share)),
      random_(config.seed)
{
    cells_ = arena_.as<uint64_t>(0, arena_.bytes().size() / sizeof(uint64_t));
    counting_.fill(cells_);
    place_pieces();
}

Result<std::unique_ptr<Load>> HotUpdates::create(const HotUpdatesConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return create_in(std::move(*arena), config);
}

std::unique_ptr<HotUpdates> HotUpdates::create_in(Arena arena, const HotUpdatesConfig &config)
{
    return std::unique_ptr<HotUpdates>(new HotUpdates(config, std::move(arena)));
}

// One piece lies at the end, and after a shift far from where it was; many lie where chance puts
// them.
void HotUpdates::place_pieces()
{
    const uint64_t bytes = arena_.bytes().size();
    const auto hot_bytes = static_cast<uint64_t>(static_cast<double>(bytes) * config_.hot_fraction);
    const uint64_t unit = config_.piece_bytes ? config_.piece_bytes : uint64_t{64} << 10;
    const uint64_t all = bytes / unit, hot = std::clamp<uint64_t>(hot_bytes / unit, 1, all);
    Random random(mix(config_.seed + shifts_));
    piece_shift_ = static_cast<unsigned>(std::countr_zero(unit / sizeof(uint64_t)));
    if (!config_.piece_bytes)
        start_ =
            shifts_ == 0 ? all - hot : (start_ + all / 3 + random.below(all / 3)) % (all - hot);
    pieces_.resize(all);
    std::iota(pieces_.begin(), pieces_.end(), 0U);
    if (config_.piece_bytes)
        for (uint64_t i = 0; i < hot; ++i)
            std::swap(pieces_[i], pieces_[i + random.below(all - i)]);
    else
        std::ranges::rotate(pieces_, pieces_.begin() + static_cast<ptrdiff_t>(start_));
    pieces_.resize(hot);
}

uint64_t HotUpdates::pick()
{
    if (!random_.hit(hot_threshold_))
        return random_.below(cells_.size());
    const uint64_t cell = random_.below(pieces_.size() * piece_cells());
    return (uint64_t{pieces_[cell >> piece_shift_]} << piece_shift_) + (cell & (piece_cells() - 1));
}

void HotUpdates::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        uint64_t &cell = cells_[pick()];
        arena_.touch(&cell);
        CountingCells::update(cell);
        ++updates_;
        if (config_.shift_every && updates_ % config_.shift_every == 0) {
            ++shifts_;
            place_pieces();
        }
    }
}

// Hot or not is all there is to tell.
std::vector<uint32_t> HotUpdates::page_heat(uint64_t)
{
    std::vector<uint32_t> heat(arena_.bytes().size() / page_bytes, 1);
    if (config_.hot_share == 0)
        return heat;
    const uint64_t pages = piece_cells() * sizeof(uint64_t) / page_bytes;
    for (uint64_t piece : pieces_)
        for (uint64_t page = piece * pages; page < (piece + 1) * pages; ++page)
            heat[page] = 2;
    return heat;
}

uint64_t HotUpdates::corrupt_bytes()
{
    return counting_.corrupt_bytes(cells_, updates_);
}

}  // namespace sluice
