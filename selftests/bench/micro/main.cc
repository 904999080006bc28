// SPDX-License-Identifier: GPL-2.0-or-later
// bench-micro [--json FILE] [options of Google Benchmark]: contests, and the goals that they are
// held against.
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "contest.h"
#include "register.h"

namespace {

constexpr double kChannelGoal = 2, kClassifierGoal = 4, kSampleGoalNs = 25;
constexpr size_t kProcessGoalBytes = 64 << 10;

// Interleaved repetitions: what else the machine does falls on all contenders alike.
std::vector<std::string> with_defaults(int argc, char **argv, std::string &json)
{
    std::vector<std::string> args = {argv[0], "--benchmark_repetitions=7",
                                     "--benchmark_enable_random_interleaving=true",
                                     "--benchmark_min_time=0.005"};
    for (int i = 1; i < argc; i++)
        if (std::string(argv[i]) == "--json" && i + 1 < argc)
            json = argv[++i];
        else
            args.emplace_back(argv[i]);
    return args;
}

const char *verdict(bool good)
{
    return good ? "reached" : "MISSED";
}

// A sample is pushed, popped and classified, at the batch size and the epoch of the kernel.
double sample_ns(const std::vector<bench::Contest> &contests)
{
    double sum = 0;
    for (const auto &contest : contests)
        for (const char *part : {"channel push, batches of 64", "channel pop, batches of 64",
                                 "classifier, 4096 samples, 4 mappings"})
            if (contest.name == part && contest.ns.contains(bench::kOurs))
                sum += contest.ns.at(bench::kOurs);
    return sum;
}

void print(const std::vector<bench::Contest> &contests, const nlohmann::json &memory)
{
    fmt::print("{}{}{}", bench::to_text(contests, "channel", kChannelGoal),
               bench::to_text(contests, "classifier", kClassifierGoal),
               bench::to_text(contests, "placement", 0));
    const double ns = sample_ns(contests);
    if (ns > 0)
        fmt::print("a sample, pushed, popped and classified: {:.1f} ns   {} (goal {:.0f})\n", ns,
                   verdict(ns <= kSampleGoalNs), kSampleGoalNs);
    const size_t most = memory["most"];
    fmt::print(
        "memory of a managed process: {} bytes, with the most ranges {} bytes: channel {}   {} "
        "(goal {})\n",
        memory["typical"].get<size_t>(), most, memory["channel"].get<size_t>(),
        verdict(most <= kProcessGoalBytes), kProcessGoalBytes);
}

}  // namespace

int main(int argc, char **argv)
{
    std::string json;
    auto args = with_defaults(argc, argv, json);
    std::vector<char *> pointers;
    for (std::string &arg : args)
        pointers.push_back(arg.data());
    int count = static_cast<int>(pointers.size());
    benchmark::Initialize(&count, pointers.data());
    if (benchmark::ReportUnrecognizedArguments(count, pointers.data()))
        return 2;
    bench::register_channel();
    bench::register_classifier();
    bench::register_placement();
    bench::Collector collector;
    benchmark::RunSpecifiedBenchmarks(&collector);
    const auto contests = collector.contests();
    const auto memory = bench::memory_of_a_process();
    print(contests, memory);
    for (const std::string &error : collector.errors())
        fmt::print(stderr, "bench-micro: {}\n", error);
    if (!json.empty()) {
        std::ofstream out(json);
        out << nlohmann::json{{"schema", "sluice.bench-micro/1"},
                              {"contests", bench::to_json(contests)},
                              {"sample_nanoseconds", sample_ns(contests)},
                              {"bytes_of_a_process", memory}}
                   .dump(2)
            << "\n";
        if (!out.flush()) {
            fmt::print(stderr, "bench-micro: cannot write {}\n", json);
            return 1;
        }
    }
    return collector.errors().empty() && !contests.empty() ? 0 : 1;
}
