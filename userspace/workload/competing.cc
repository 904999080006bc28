// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/competing.h"

#include <algorithm>

namespace sluice {

namespace {

// Updates that a page gets out of a thousand million of its program's.
std::vector<uint32_t> per_page(const std::vector<uint32_t> &heat, double hot_share)
{
    const auto pages = static_cast<double>(heat.size());
    const auto hot = static_cast<double>(std::ranges::count(heat, 2U));
    const double cold_rate = 1e9 * (1 - hot_share) / pages;
    std::vector<uint32_t> rates;
    for (const uint32_t page : heat)
        rates.push_back(static_cast<uint32_t>(cold_rate + (page == 2 ? 1e9 * hot_share / hot : 0)));
    return rates;
}

}  // namespace

std::unique_ptr<HotUpdates> Competing::program(const CompetingConfig &config, const Arena &arena,
                                               int number)
{
    const uint64_t half = arena.bytes().size() / 2;
    return HotUpdates::create_in(
        arena.part(static_cast<uint64_t>(number) * half, half),
        {.hot_fraction = config.hot_fractions[number], .seed = mix(config.seed) + number});
}

bool Competing::obey(Order order, HotUpdates &updates, PipePair &pipes)
{
    if (order.kind == Kind::heat) {
        const auto heat = updates.page_heat(0);
        return pipes.send(std::as_bytes(std::span(heat)));
    }
    uint64_t wrong = 0;
    if (order.kind == Kind::update)
        updates.step(order.updates);
    else
        wrong = updates.corrupt_bytes();
    return pipes.send(bytes_of(wrong));
}

// Fills its memory when it gets its first order.
void Competing::serve(const CompetingConfig &config, const Arena &arena, PipePair &pipes)
{
    std::unique_ptr<HotUpdates> updates;
    for (Order order{}; pipes.receive(bytes_of(order));) {
        if (!updates)
            updates = program(config, arena, 1);
        if (!obey(order, *updates, pipes))
            break;
    }
}

// The child is started before there is a page that it would share. One fills after the other.
Result<std::unique_ptr<Load>> Competing::create(const CompetingConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    auto partner = Partner::start([&](PipePair &pipes) { serve(config, *arena, pipes); });
    if (!partner)
        return propagate(partner);
    std::unique_ptr<Competing> both(new Competing(std::move(*arena), std::move(*partner)));
    both->own_ = program(config, both->arena_, 0);
    uint64_t answer = 0;
    both->order({Kind::update, 0});
    both->hear(bytes_of(answer));
    return both;
}

void Competing::order(Order order)
{
    failures_ += !partner_.send(bytes_of(order));
}

void Competing::hear(std::span<std::byte> answer)
{
    failures_ += !partner_.receive(answer);
}

// Both can run until the one that is done first waits for the other.
void Competing::step(uint64_t operations)
{
    due_ += operations;
    for (; due_ >= 2 * turn; due_ -= 2 * turn) {
        uint64_t answer = 0;
        order({Kind::update, turn});
        own_->step(turn);
        hear(bytes_of(answer));
    }
}

uint64_t Competing::corrupt_bytes()
{
    uint64_t wrong = 0;
    order({Kind::verify, 0});
    hear(bytes_of(wrong));
    return own_->corrupt_bytes() + wrong + failures_;
}

std::vector<uint32_t> Competing::page_heat(uint64_t)
{
    auto heat = own_->page_heat(0);
    std::vector<uint32_t> others(heat.size());
    order({Kind::heat, 0});
    hear(std::as_writable_bytes(std::span(others)));
    const double hot_share = HotUpdatesConfig{}.hot_share;
    heat = per_page(heat, hot_share);
    std::ranges::copy(per_page(others, hot_share), std::back_inserter(heat));
    return heat;
}

pid_t Competing::process_of(uint64_t page) const
{
    return page < arena_.bytes().size() / page_bytes / 2 ? 0 : partner_.process();
}

}  // namespace sluice
