// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/gups.h"

#include "workload/random.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <algorithm>
#include <cerrno>

namespace sluice {

namespace {

constexpr uint64_t odd = 0x9e3779b97f4a7c15;
constexpr uint64_t batch = 4096;  // updates between two looks at the clock

// The inverse of an odd number modulo 2^64; each step of Newton's doubles the bits that are right.
constexpr uint64_t inverse(uint64_t x)
{
    uint64_t y = x;
    for (int step = 0; step < 5; ++step)
        y *= 2 - x * y;
    return y;
}
static_assert(odd * inverse(odd) == 1);

uint64_t hot_start(const GupsConfig &config, uint64_t cells, uint64_t hot_cells)
{
    switch (config.hot_position) {
        case HotPosition::start:
            return 0;
        case HotPosition::middle:
            return (cells - hot_cells) / 2;
        case HotPosition::end:
            return cells - hot_cells;
    }
    return 0;
}

}  // namespace

void Gups::Unmap::operator()(uint64_t *memory) const
{
    ::munmap(memory, bytes);
}

Gups::Gups(const GupsConfig &config) : config_(config)
{
    nr_cells_ = config.size_bytes / sizeof(uint64_t);
    const double hot = static_cast<double>(nr_cells_) * config.hot_fraction;
    hot_cells_ = std::clamp<uint64_t>(static_cast<uint64_t>(hot), 1, nr_cells_);
    hot_start_ = hot_start(config, nr_cells_, hot_cells_);
}

// Anonymous memory straight from the kernel: an allocator would move the size about.
Result<Gups> Gups::create(const GupsConfig &config)
{
    if (config.size_bytes < sizeof(uint64_t))
        return fail(Error{Code::usage, "run gups in", fmt::format("{} bytes", config.size_bytes),
                          "there is room for no number", "ask for more with --size-mib"});
    Gups gups(config);
    const size_t bytes = gups.nr_cells_ * sizeof(uint64_t);
    void *memory =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        Error error = os_error("map", fmt::format("{} bytes", bytes), errno);
        error.hint = "ask for less with --size-mib";
        return fail(error);
    }
    gups.cells_ = {static_cast<uint64_t *>(memory), Unmap{bytes}};
    gups.fill();
    return gups;
}

void Gups::fill()
{
    for (uint64_t i = 0; i < nr_cells_; ++i)
        cells_[i] = base(i);
}

uint64_t Gups::base(uint64_t cell) const
{
    return mix(cell ^ mix(config_.seed));
}

uint64_t Gups::pick(Random &random) const
{
    if (random.unit() < config_.hot_share)
        return hot_start_ + random.below(hot_cells_);
    return random.below(nr_cells_);
}

void Gups::run(const Hooks &hooks)
{
    Random random(config_.seed);
    Progress progress(config_.limit, hooks);
    while (progress.more(updates_)) {
        const uint64_t left = config_.limit.operations - updates_;
        const uint64_t todo = config_.limit.operations ? std::min(batch, left) : batch;
        for (uint64_t i = 0; i < todo; ++i)
            cells_[pick(random)] += odd;
        updates_ += todo;
    }
    halves_ = progress.halves();
    interrupted_ = progress.interrupted();
}

GupsResult Gups::verify() const
{
    uint64_t bad_cells = 0;
    uint64_t seen = 0;
    for (uint64_t i = 0; i < nr_cells_; ++i) {
        const uint64_t count = (cells_[i] - base(i)) * inverse(odd);
        if (count > updates_)
            ++bad_cells;
        else
            seen += count;
    }
    // The updates of a bad cell are unknown; only without bad cells must the sum be right.
    const uint64_t astray = bad_cells ? 0 : std::max(seen, updates_) - std::min(seen, updates_);
    return {halves_, (bad_cells + astray) * sizeof(uint64_t), interrupted_};
}

}  // namespace sluice
