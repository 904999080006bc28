// SPDX-License-Identifier: GPL-2.0-or-later
// bench-sensitivity: tries the simulator over each parameter and size, and writes down what came
// out.
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

#include "harness/files.h"
#include "harness/layout.h"
#include "harness/process.h"
#include "runner/sensitivity.h"

namespace {

namespace fs = std::filesystem;
using namespace bench;
using harness::Result;
using Words = std::vector<std::string>;

constexpr std::chrono::minutes kLongest{10};

const Words kProgram = {"--size", "16GiB", "--epochs", "60"};
const Words kShifting = {"--pattern", "shifting", "--shift-every", "20"};
const Words kSmall = {"--epochs", "40", "--hot", "16MiB"};

Words operator+(Words a, const Words &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

// What `sluice sim --json OPTIONS` prints.
Result<Json> simulate(const fs::path &program, const Words &options)
{
    const auto directory = harness::TempDir::create();
    if (!directory)
        return tl::make_unexpected(directory.error());
    const fs::path output = directory->path() / "sim.json";
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (out < 0)
        return harness::fail_errno("create", output);
    auto process = harness::Process::start(
        {.argv = Words{program, "sim", "--json"} + options, .env = {}, .out = out});
    ::close(out);
    if (!process)
        return tl::make_unexpected(process.error());
    const auto status = process->wait(kLongest);
    if (status != 0)
        return harness::fail(
            "run", program, status ? fmt::format("exit status {}", *status) : "it does not end",
            fmt::format("by hand: {} sim {}", program.string(), fmt::join(options, " ")));
    const auto text = harness::read_file(output);
    if (!text)
        return tl::make_unexpected(text.error());
    Json json = Json::parse(*text, nullptr, false);
    if (json.is_discarded())
        return harness::fail("parse", output, "it is no JSON");
    return json;
}

// One run for each value; what is no parameter of a sweep takes a run of its own.
Result<std::vector<Json>> runs_of(const fs::path &program, const Parameter &parameter,
                                  const Words &options)
{
    std::vector<Json> runs;
    if (!parameter.option.starts_with("--")) {
        const std::string sweep =
            fmt::format("{}={}", parameter.option, fmt::join(parameter.values, ","));
        const auto json = simulate(program, options + Words{"--sweep", sweep});
        if (!json)
            return tl::make_unexpected(json.error());
        return json->at("runs").get<std::vector<Json>>();
    }
    for (const std::string &value : parameter.values) {
        const auto json =
            simulate(program, options + Words{"--sweep", "margin=25", parameter.option, value});
        if (!json)
            return tl::make_unexpected(json.error());
        runs.push_back(json->at("runs").at(0));
    }
    return runs;
}

Result<std::string> try_parameter(const fs::path &program, const Parameter &parameter,
                                  const fs::path &directory)
{
    const auto steady = runs_of(program, parameter, kProgram);
    if (!steady)
        return tl::make_unexpected(steady.error());
    const auto shifting = runs_of(program, parameter, kProgram + kShifting);
    if (!shifting)
        return tl::make_unexpected(shifting.error());
    const std::string svg = to_svg(figure_of(parameter, *steady, *shifting));
    if (auto ok = harness::write_file(directory / "sensitivity" / figure_name(parameter), svg); !ok)
        return tl::make_unexpected(ok.error());
    fmt::print("{}: done\n", parameter.title);
    std::fflush(stdout);
    return section_of(parameter, *steady, *shifting) + "\n";
}

Result<std::string> try_scale(const fs::path &program, const Scale &scale)
{
    const bool of_size = scale.option == "--size";
    std::vector<Json> runs;
    std::vector<double> sizes, costs;
    for (const std::string &value : scale.values) {
        const auto json =
            simulate(program, kSmall + (of_size ? Words{} : Words{"--size", "256MiB"}) +
                                  Words{"--sweep", "margin=25", scale.option, value});
        if (!json)
            return tl::make_unexpected(json.error());
        runs.push_back(json->at("runs").at(0));
        costs.push_back(runs.back().at("host").at("cpu_ns"));
        sizes.push_back(of_size ? json->at("config").at("size_bytes").get<double>()
                                : std::stod(value));
    }
    Words milliseconds;
    for (double cost : costs)
        milliseconds.push_back(fmt::format("{:.0f}", cost / 1e6));
    fmt::print("{}: processor time {} ms for {}; exponent {:.2f}\n", scale.title,
               fmt::join(milliseconds, ", "), fmt::join(scale.values, ", "),
               fitted_exponent(sizes, costs));
    std::fflush(stdout);
    return table_of(scale, runs) + "\n";
}

Result<void> write_all(const fs::path &program, const fs::path &directory)
{
    if (auto ok = harness::make_dirs(directory / "sensitivity"); !ok)
        return ok;
    std::string text(sensitivity_introduction());
    for (const Parameter &parameter : parameters()) {
        const auto section = try_parameter(program, parameter, directory);
        if (!section)
            return tl::make_unexpected(section.error());
        text += *section;
    }
    text += scaling_introduction();
    for (const Scale &scale : scales()) {
        const auto section = try_scale(program, scale);
        if (!section)
            return tl::make_unexpected(section.error());
        text += *section;
    }
    text.pop_back();
    return harness::write_file(directory / "sensitivity.md", text);
}

}  // namespace

int main(int argc, char **argv)
{
    const auto layout = harness::Layout::of_this_program();
    std::string program = layout.build() / "userspace/bin/sluice";
    std::string output = layout.root() / "docs";
    CLI::App app(
        "Runs `sluice sim` over each parameter and size, and writes sensitivity.md with its "
        "figures. Nothing in them depends on the host; processor times, which do, are printed.",
        "bench-sensitivity");
    app.add_option("--program", program, "the sluice command");
    app.add_option("--output", output, "directory of sensitivity.md (default: docs)");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    if (auto ok = write_all(program, output); !ok) {
        fmt::print(stderr, "bench-sensitivity: {}\n", ok.error().text());
        return 1;
    }
    return 0;
}
