// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/sweep.h"

#include "workload/random.h"

namespace sluice {

namespace {

constexpr uint64_t added = 0x9e3779b97f4a7c15;

}  // namespace

Sweep::Sweep(Arena arena)
    : Load(std::move(arena)), lines_(arena_.as<Line>(0, arena_.bytes().size() / sizeof(Line)))
{
    for (uint64_t i = 0; i < lines_.size(); ++i)
        for (uint64_t word = 0; word < 8; ++word)
            lines_[i].words[word] = i * 8 + word;
}

Result<std::unique_ptr<Load>> Sweep::create(const SweepConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new Sweep(std::move(*arena)));
}

void Sweep::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        arena_.touch(&lines_[at_]);
        lines_[at_].words[0] += added;
        if (++at_ == lines_.size()) {
            at_ = 0;
            ++sweeps_;
        }
    }
}

uint64_t Sweep::corrupt_bytes()
{
    uint64_t bad = 0;
    for (uint64_t i = 0; i < lines_.size(); ++i) {
        const uint64_t times = sweeps_ + (i < at_);
        bad += lines_[i].words[0] != i * 8 + times * added;
        for (uint64_t word = 1; word < 8; ++word)
            bad += lines_[i].words[word] != i * 8 + word;
    }
    return bad * sizeof(uint64_t);
}

}  // namespace sluice
