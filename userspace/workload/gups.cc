// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/gups.h"

#include "workload/random.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <algorithm>
#include <cerrno>

namespace sluice {

namespace {

constexpr uint64_t batch = 4096;  // updates between two looks at the clock

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

Gups::Gups(const GupsConfig &config) : config_(config), counting_(config.seed)
{
    nr_cells_ = config.size_bytes / sizeof(uint64_t);
    const double hot = static_cast<double>(nr_cells_) * config.hot_fraction;
    hot_cells_ = std::clamp<uint64_t>(static_cast<uint64_t>(hot), 1, nr_cells_);
    hot_start_ = hot_start(config, nr_cells_, hot_cells_);
}

// Anonymous memory straight from the kernel: an allocator would move the size about.
Result<Gups> Gups::create(const GupsConfig &config)
{
    const size_t bytes = config.size_bytes / sizeof(uint64_t) * sizeof(uint64_t);
    if (bytes == 0)
        return fail(Error{Code::usage, "run gups in", fmt::format("{} bytes", config.size_bytes),
                          "there is room for no number", "ask for more with --size-mib"});
    Gups gups(config);
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
    counting_.fill(cells());
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
            CountingCells::update(cells_[pick(random)]);
        updates_ += todo;
    }
    halves_ = progress.halves();
    interrupted_ = progress.interrupted();
}

GupsResult Gups::verify() const
{
    const std::span<const uint64_t> cells{cells_.get(), nr_cells_};
    return {halves_, counting_.corrupt_bytes(cells, updates_), interrupted_};
}

}  // namespace sluice
