// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/competing.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace sluice {

namespace {

bool send(int to, std::span<const std::byte> message)
{
    while (!message.empty()) {
        const ssize_t sent = ::write(to, message.data(), message.size());
        if (sent <= 0)
            return false;
        message = message.subspan(static_cast<size_t>(sent));
    }
    return true;
}

bool receive(int from, std::span<std::byte> message)
{
    while (!message.empty()) {
        const ssize_t got = ::read(from, message.data(), message.size());
        if (got <= 0)
            return false;
        message = message.subspan(static_cast<size_t>(got));
    }
    return true;
}

template <class T>
std::span<std::byte> bytes_of(T &value)
{
    return std::as_writable_bytes(std::span(&value, 1));
}

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

// Until the other end is closed.
void Competing::serve(HotUpdates &updates, int from, int to)
{
    for (Order order{}; receive(from, bytes_of(order));) {
        uint64_t wrong = 0;
        if (order.kind == Kind::update)
            updates.step(order.updates);
        else if (order.kind == Kind::verify)
            wrong = updates.corrupt_bytes();
        auto heat = order.kind == Kind::heat ? updates.page_heat(0) : std::vector<uint32_t>{};
        if (!send(to, order.kind == Kind::heat ? std::as_bytes(std::span(heat)) : bytes_of(wrong)))
            break;
    }
    ::_exit(0);
}

// The child fills its memory when it gets its first order.
Result<Competing::Child> Competing::start(const CompetingConfig &config, const Arena &arena)
{
    int orders[2], answers[2];
    if (::pipe(orders) != 0 || ::pipe(answers) != 0)
        return fail(os_error("make", "a pipe", errno));
    const pid_t child = ::fork();
    if (child < 0)
        return fail(os_error("start", "a second process", errno));
    if (child == 0) {
        ::close(orders[1]);
        ::close(answers[0]);
        Order first{};
        if (!receive(orders[0], bytes_of(first)))
            ::_exit(0);
        const auto updates = program(config, arena, 1);
        uint64_t wrong = 0;
        if (send(answers[1], bytes_of(wrong)))
            serve(*updates, orders[0], answers[1]);
        ::_exit(0);
    }
    ::close(orders[0]);
    ::close(answers[1]);
    return Child{child, orders[1], answers[0]};
}

// The child is started before there is a page that it would share. One fills after the other.
Result<std::unique_ptr<Load>> Competing::create(const CompetingConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    const auto child = start(config, *arena);
    if (!child)
        return propagate(child);
    std::unique_ptr<Competing> both(new Competing(std::move(*arena), *child));
    both->own_ = program(config, both->arena_, 0);
    uint64_t answer = 0;
    both->order({Kind::update, 0});
    both->hear(bytes_of(answer));
    return both;
}

Competing::~Competing()
{
    ::close(child_.to);
    ::close(child_.from);
    ::kill(child_.process, SIGKILL);
    ::waitpid(child_.process, nullptr, 0);
}

void Competing::order(Order order)
{
    failures_ += !send(child_.to, bytes_of(order));
}

void Competing::hear(std::span<std::byte> answer)
{
    failures_ += !receive(child_.from, answer);
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
    return page < arena_.bytes().size() / page_bytes / 2 ? 0 : child_.process;
}

}  // namespace sluice
