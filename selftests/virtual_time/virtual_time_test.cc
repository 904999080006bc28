// SPDX-License-Identifier: GPL-2.0-or-later
// Virtual time: the same image gives the same output to the byte, and a slow tier costs what its
// latency says.

#include <array>
#include <future>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "harness/alone.h"
#include "harness/console.h"
#include "harness/layout.h"
#include "harness/process.h"

namespace {

namespace fs = std::filesystem;
using harness::AloneResult;
using harness::Result;

constexpr std::chrono::seconds kTimeout{900};
constexpr unsigned kRuns = 5;

// Sampling, and perf.data itself on the console: whatever differs is seen.
constexpr char kSampling[] =
    "perf record -q -B -N -e cpu/mem-loads,ldlat=3/P -c 9973 -d -W -o perf.data perf-work uniform; "
    "perf script -i perf.data -F time,comm,ip,addr,weight | tail -n 3; cat /proc/interrupts; "
    "base64 perf.data; echo samples=$(perf script -i perf.data -F ip | wc -l)";

class VirtualTime : public testing::Test {
protected:
    static fs::path root() { return fs::canonical(SLUICE_ROOT); }
    static fs::path image() { return root() / "build/images/alone.cpio"; }
    static fs::path logs() { return root() / "build/logs/tests/virtual-time"; }

    static void SetUpTestSuite()
    {
        auto pack = harness::Process::start(
            {{root() / "vm-images/mkalone", root() / "vm-images/alone-init", image(),
              root() / "build/kernel/stock/perf", root() / "build/selftests/guest/perf-work",
              root() / "build/userspace/bin/sluice"},
             {},
             -1,
             -1});
        ASSERT_TRUE(pack) << pack.error().text();
        ASSERT_EQ(pack->wait(std::chrono::seconds(120)), 0);
    }

    static AloneResult run(const std::string &name, unsigned vcpus, const std::string &command)
    {
        const harness::Layout layout(root());
        auto qemu = layout.qemu("guest", "pmem", {"512,512", vcpus});
        if (!qemu)
            throw std::runtime_error(qemu.error().text());
        qemu->mode = harness::Mode::virtual_time;
        qemu->initramfs = image();
        auto result = harness::run_alone(*qemu, command, logs() / name, kTimeout);
        if (!result)
            throw std::runtime_error(result.error().text());
        return *result;
    }
};

std::string first_difference(const std::string &a, const std::string &b)
{
    std::istringstream first(a), second(b);
    std::string x, y;
    while (std::getline(first, x) && std::getline(second, y))
        if (x != y)
            return "\n  " + x + "\n  " + y;
    return " one is longer";
}

uint64_t number_after(const std::string &text, const std::string &key)
{
    const auto at = text.rfind(key);
    if (at == std::string::npos)
        throw std::runtime_error("no '" + key + "' in: " + text);
    return std::stoull(text.substr(at + key.size()));
}

// What the load says of itself, in ns: all its updates, without the boot and the way down, which
// end on the kernel's ticks and so differ by some of them between two guests.
double updates_ns(const AloneResult &guest)
{
    const auto begin = guest.console.find("\n{") + 1;
    const auto end = guest.console.find("\n}", begin);
    if (begin == 0 || end == std::string::npos)
        throw std::runtime_error("no JSON on the console: " + guest.console);
    return nlohmann::json::parse(guest.console.substr(begin, end + 2 - begin))
        .at("whole")
        .at("nanoseconds")
        .get<double>();
}

// "node N: hits H misses M latency ...", over all CPUs.
std::map<unsigned, uint64_t> misses_by_node(const AloneResult &guest)
{
    std::map<unsigned, uint64_t> misses;
    for (const auto &line : harness::console_lines(guest.pmu)) {
        unsigned node = 0;
        unsigned long long hits = 0, missed = 0;
        if (std::sscanf(line.c_str(), " node %u: hits %llu misses %llu", &node, &hits, &missed) ==
            3)
            misses[node] += missed;
    }
    return misses;
}

class VirtualTimeRuns : public VirtualTime, public testing::WithParamInterface<unsigned> {};

TEST_P(VirtualTimeRuns, FiveRunsAreTheSameToTheByte)
{
    const unsigned vcpus = GetParam();
    std::vector<AloneResult> results;
    while (results.size() < kRuns) {
        std::vector<std::future<AloneResult>> pair;
        for (size_t i = results.size(); i < std::min<size_t>(results.size() + 2, kRuns); i++)
            pair.push_back(std::async(std::launch::async, [vcpus, i] {
                return run(fmt::format("same-{}-vcpus-{}", vcpus, i), vcpus, kSampling);
            }));
        for (auto &one : pair)
            results.push_back(one.get());
    }
    // There is something to compare: samples, and the file that they are in.
    const auto samples = number_after(results[0].console, "samples=");
    fmt::print("{} vCPUs: {} samples, {} bytes of console in each run\n", vcpus, samples,
               results[0].console.size());
    EXPECT_GE(samples, 2000000u / 9973);
    EXPECT_NE(results[0].console.find("alone: status 0"), std::string::npos);
    EXPECT_NE(results[0].console.find("UEVSRklMRT"), std::string::npos);  // PERFILE2, base64
    for (unsigned i = 1; i < kRuns; i++)
        EXPECT_TRUE(results[i].console == results[0].console)
            << "run " << i << first_difference(results[i].console, results[0].console);
}

INSTANTIATE_TEST_SUITE_P(Vcpus, VirtualTimeRuns, testing::Values(1u, 2u));

// What so many updates more cost, all of them on one node: the difference of two guests that are
// the same until then, so that the misses of the boot are out of it.
struct Cost {
    double ns = 0;
    std::array<double, 2> misses = {};  // by node
};

Cost operator-(const Cost &a, const Cost &b)
{
    return {a.ns - b.ns, {a.misses[0] - b.misses[0], a.misses[1] - b.misses[1]}};
}

TEST_F(VirtualTime, TheSlowTierCostsWhatItsLatencySays)
{
    const std::array<double, 2> latency_ns = {69, 177};  // vm-images/machines/pmem.json
    // One vCPU: two that take turns on one clock would make another boot of a small difference.
    const auto gups = [](int node, int millions) {
        const auto guest =
            run(fmt::format("gups-node{}-{}M", node, millions), 1,
                fmt::format("on_node {} sluice load gups --size-mib 128 --updates {}000000 --json",
                            node, millions));
        EXPECT_NE(guest.console.find("alone: status 0"), std::string::npos) << guest.console;
        auto misses = misses_by_node(guest);
        return Cost{updates_ns(guest),
                    {static_cast<double>(misses[0]), static_cast<double>(misses[1])}};
    };
    const auto updates = [&gups](int node) {
        auto more = std::async(std::launch::async, gups, node, 4);
        const auto few = gups(node, 2);
        return more.get() - few;
    };
    const auto fast = updates(0), slow = updates(1);
    const auto extra = slow - fast;
    const double predicted = extra.misses[0] * latency_ns[0] + extra.misses[1] * latency_ns[1];
    fmt::print(
        "2 million updates: {:.0f} misses, {:.3f} ms on the fast node, {:.0f} misses, {:.3f} ms "
        "on the slow one\n"
        "slow - fast: predicted {:.3f} ms, measured {:.3f} ms, ratio {:.4f}\n",
        fast.misses[0], fast.ns / 1e6, slow.misses[1], slow.ns / 1e6, predicted / 1e6,
        extra.ns / 1e6, extra.ns / predicted);
    // Nearly all updates miss, and on the right node.
    EXPECT_GT(fast.misses[0], 1'000'000);
    EXPECT_GT(slow.misses[1], 1'000'000);
    EXPECT_LT(slow.misses[0] + fast.misses[1], 20'000);
    EXPECT_NEAR(extra.ns / predicted, 1, 0.05);
}

}  // namespace
