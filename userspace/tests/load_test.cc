// SPDX-License-Identifier: GPL-2.0-or-later
// The loads of the benchmarks: the same accesses for the same seed, hot where they say, and no byte
// lost unseen.
#include <gtest/gtest.h>

#include <sys/uio.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "bench/oracle.h"
#include "workload/kronecker_graph.h"
#include "workload/load.h"
#include "workload/zipf_table.h"

namespace sluice {
namespace {

constexpr uint64_t bytes = 8 << 20;
constexpr uint64_t operations = 200'000;

std::unique_ptr<Load> make(const std::string &name, uint64_t shift_every = 0)
{
    auto load = make_load({.name = name, .bytes = bytes, .shift_every = shift_every, .seed = 7});
    EXPECT_TRUE(load) << describe(load.error());
    return std::move(*load);
}

// Share of the accesses that the hottest `share` of the pages get.
double taken_by_hottest(std::vector<uint32_t> heat, double share)
{
    std::ranges::sort(heat, std::greater());
    const auto hot = static_cast<ptrdiff_t>(static_cast<double>(heat.size()) * share);
    const auto sum = [](auto from, auto to) { return std::accumulate(from, to, uint64_t{0}); };
    return static_cast<double>(sum(heat.begin(), heat.begin() + hot)) /
           static_cast<double>(sum(heat.begin(), heat.end()));
}

std::vector<uint32_t> counted_heat(Load &load)
{
    load.arena().start_counting();
    load.step(operations);
    return load.arena().stop_counting();
}

class Loads : public testing::TestWithParam<std::string> {};

TEST_P(Loads, CleanRunHasNoCorruptByte)
{
    const auto load = make(GetParam());
    EXPECT_EQ(load->corrupt_bytes(), 0U);
    load->step(operations);
    EXPECT_EQ(load->corrupt_bytes(), 0U);
}

// A page that a migration has lost (zeros), and one that it has mixed up with another.
TEST_P(Loads, LostAndMixedUpPagesAreSeen)
{
    const auto load = make(GetParam());
    load->step(operations);
    const auto memory = load->arena().bytes();
    for (const uint64_t page : {uint64_t{3}, memory.size() / page_bytes / 3}) {
        const auto victim = memory.subspan(page * page_bytes, page_bytes);
        std::vector<std::byte> saved(victim.begin(), victim.end());
        std::ranges::fill(victim, std::byte{0});
        EXPECT_GT(load->corrupt_bytes(), 0U) << "page " << page << " of zeros";
        std::memcpy(victim.data(), memory.data() + (page + 7) * page_bytes, page_bytes);
        EXPECT_GT(load->corrupt_bytes(), 0U) << "page " << page << " of others";
        std::ranges::copy(saved, victim.begin());
        EXPECT_EQ(load->corrupt_bytes(), 0U);
    }
}

TEST_P(Loads, SameSeedSameAccesses)
{
    const auto first = make(GetParam()), second = make(GetParam());
    EXPECT_EQ(counted_heat(*first), counted_heat(*second));
    EXPECT_TRUE(std::ranges::equal(first->arena().bytes(), second->arena().bytes()));
}

std::vector<std::string> names()
{
    std::vector<std::string> names;
    for (const LoadInfo &load : known_loads())
        if (load.name != "pingpong" && load.name != "redis")  // have no memory here
            names.emplace_back(load.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(All, Loads, testing::ValuesIn(names()), [](const auto &info) {
    std::string name = info.param;
    std::ranges::replace(name, '-', '_');
    return name;
});

// Each half of the vertices against each half, which is the first level of the product.
TEST(KroneckerGraph, HasEdgesWhereItsProbabilitiesSay)
{
    auto arena = Arena::create(bytes);
    ASSERT_TRUE(arena);
    KroneckerGraph graph(*arena, 8, 7);
    ASSERT_EQ(graph.vertices(), 131'072U);
    ASSERT_EQ(graph.first_edge(graph.vertices()), graph.edges());
    double share[2][2] = {};
    for (uint64_t v = 0; v < graph.vertices(); ++v) {
        ASSERT_LE(graph.first_edge(v), graph.first_edge(v + 1));
        for (uint64_t e = graph.first_edge(v); e < graph.first_edge(v + 1); ++e) {
            ASSERT_LT(graph.target(e), graph.vertices());
            share[v >= graph.vertices() / 2][graph.target(e) >= graph.vertices() / 2] +=
                1.0 / static_cast<double>(graph.edges());
        }
    }
    EXPECT_NEAR(share[0][0], 0.57, 0.005);
    EXPECT_NEAR(share[0][1], 0.19, 0.005);
    EXPECT_NEAR(share[1][0], 0.19, 0.005);
    EXPECT_NEAR(share[1][1], 0.05, 0.005);
}

TEST(LoadHeat, IsWhereItShouldBe)
{
    const std::pair<std::string, std::pair<double, double>> wanted[] = {
        {"gups", {0.85, 0.95}}, {"gups-4k", {0.85, 0.95}},    {"oltp", {0.6, 0.98}},
        {"btree", {0.5, 0.99}}, {"zipf-ordered", {0.7, 1.0}}, {"uniform", {0.08, 0.13}},
        {"zipf", {0.25, 0.9}},  {"transport", {0.2, 0.95}},   {"pagerank", {0.6, 0.9}},
        {"bfs", {0.5, 0.9}},    {"sqlite", {0.7, 0.99}},
    };
    for (const auto &[name, bounds] : wanted) {
        const double taken = taken_by_hottest(counted_heat(*make(name)), 0.10);
        EXPECT_GE(taken, bounds.first) << name;
        EXPECT_LE(taken, bounds.second) << name;
    }
}

TEST(LoadHeat, WhatUpdatesTellOfThemselvesIsWhatTheyDo)
{
    for (const char *name : {"gups", "gups-4k"}) {
        const auto load = make(name);
        const auto told = load->page_heat(0);
        const auto seen = counted_heat(*load);
        uint64_t to_hot = 0, all = 0;
        for (size_t page = 0; page < told.size(); ++page) {
            to_hot += told[page] == 2 ? seen[page] : 0;
            all += seen[page];
        }
        EXPECT_NEAR(static_cast<double>(to_hot) / static_cast<double>(all), 0.91, 0.02) << name;
    }
}

TEST(LoadHeat, DriftsAsRowsAreInserted)
{
    const auto load = make("oltp");
    const auto before = load->page_heat(0);
    const uint64_t drift = load->drift();
    load->step(operations);
    EXPECT_GT(load->drift(), drift);
    EXPECT_NE(load->page_heat(0), before);
}

TEST(LoadHeat, ShiftsWhenItSays)
{
    const auto load = make("shifting", 100'000);
    const auto before = load->page_heat(0);
    load->step(99'999);
    EXPECT_EQ(load->shifts(), 0U);
    load->step(1);
    EXPECT_EQ(load->shifts(), 1U);
    EXPECT_NE(load->page_heat(0), before);
    EXPECT_EQ(load->corrupt_bytes(), 0U);
}

// Liblinear itself is not counted: its weights have to be where the oracle takes them to be.
TEST(LinearTraining, WritesItsWeightsToThePagesThatItCallsHot)
{
    const auto load = make("liblinear");
    const auto memory = load->arena().bytes();
    const std::vector<std::byte> before(memory.begin(), memory.end());
    load->step(operations);
    const auto heat = load->page_heat(0);
    ASSERT_EQ(heat.size(), memory.size() / page_bytes);
    for (size_t page = 0; page < heat.size(); ++page) {
        const auto now = memory.subspan(page * page_bytes, page_bytes);
        const bool written =
            !std::ranges::equal(now, std::span(before).subspan(page * page_bytes, page_bytes));
        EXPECT_EQ(written, heat[page] == 2) << "page " << page;
    }
}

TEST(LinearTraining, WeightsThatOtherExamplesLedToAreSeen)
{
    const auto load = make("liblinear");
    load->step(operations);
    auto &weight = load->arena().bytes()[load->arena().bytes().size() - page_bytes];
    weight ^= std::byte{1};
    EXPECT_GT(load->corrupt_bytes(), 0U);
    weight ^= std::byte{1};
    EXPECT_EQ(load->corrupt_bytes(), 0U);
}

class Competing : public testing::Test {
protected:
    // Writes into the memory of the second program.
    void poke(uint64_t page, std::span<std::byte> bytes)
    {
        const pid_t process = load->process_of(page);
        ASSERT_NE(process, 0);
        const iovec from = {bytes.data(), bytes.size()};
        const iovec to = {load->arena().bytes().data() + page * page_bytes, bytes.size()};
        ASSERT_EQ(::process_vm_writev(process, &from, 1, &to, 1, 0),
                  static_cast<ssize_t>(bytes.size()))
            << std::strerror(errno);
    }

    std::unique_ptr<Load> load = make("compete");
};

TEST_F(Competing, EachHasAHalf)
{
    const uint64_t pages = bytes / page_bytes;
    EXPECT_EQ(load->process_of(0), 0);
    EXPECT_EQ(load->process_of(pages / 2 - 1), 0);
    EXPECT_GT(load->process_of(pages / 2), 0);
    EXPECT_EQ(load->process_of(pages - 1), load->process_of(pages / 2));
}

TEST_F(Competing, ALostPageOfTheSecondIsSeen)
{
    load->step(operations);
    EXPECT_EQ(load->corrupt_bytes(), 0U);
    std::vector<std::byte> zeros(page_bytes);
    poke(bytes / page_bytes * 3 / 4, zeros);
    EXPECT_GT(load->corrupt_bytes(), 0U);
}

// A page of the smaller hot part gets three times as many updates as one of the larger.
TEST_F(Competing, HeatOfBothIsOfOneScale)
{
    const auto heat = load->page_heat(0);
    const uint64_t half = bytes / page_bytes / 2;
    ASSERT_EQ(heat.size(), 2 * half);
    const auto sum = [](auto from, auto to) { return std::accumulate(from, to, 0.0); };
    EXPECT_NEAR(sum(heat.begin(), heat.begin() + static_cast<ptrdiff_t>(half)), 1e9, 1e6);
    EXPECT_NEAR(sum(heat.begin() + static_cast<ptrdiff_t>(half), heat.end()), 1e9, 1e6);
    EXPECT_NEAR(static_cast<double>(heat[half - 1]) / heat[2 * half - 1], 2.9, 0.2);
    EXPECT_EQ(heat[0], heat[half]);
}

TEST(PingPong, NothingGetsLost)
{
    const auto load = make("pingpong");
    load->step(1000);
    EXPECT_EQ(load->corrupt_bytes(), 0U);
}

TEST(ZipfTable, DrawsWhatItSays)
{
    constexpr uint64_t ranks = 100'000;
    const ZipfTable zipf(ranks, 0.99);
    Random random(1);
    std::vector<uint64_t> count(ranks);
    for (int i = 0; i < 1'000'000; ++i)
        ++count.at(zipf.next(random));
    // The first rank has 1 / zeta of all, zeta(100000, 0.99) being 12.8; the first thousand 58 %.
    EXPECT_NEAR(static_cast<double>(count[0]), 1e6 / 12.8, 2e3);
    EXPECT_NEAR(static_cast<double>(std::accumulate(count.begin(), count.begin() + 1000, 0ULL)),
                0.595e6, 0.03e6);
    EXPECT_GT(std::accumulate(count.end() - 1000, count.end(), 0ULL), 0U);
}

TEST(Oracle, TakesTheHottestAndOfEqualOnesThoseThatAreThere)
{
    const std::vector<uint32_t> heat = {1, 9, 1, 1, 9, 5};
    const std::vector<int> nodes = {1, 1, 0, 1, -2, 1};
    EXPECT_EQ(bench::choose_pages(heat, nodes, 3),
              (std::vector<bool>{false, true, true, false, false, true}));
    EXPECT_EQ(bench::choose_pages(heat, nodes, 0), std::vector<bool>(6, false));
    EXPECT_EQ(bench::choose_pages(heat, nodes, 99),
              (std::vector<bool>{true, true, true, true, false, true}));
}

}  // namespace
}  // namespace sluice
