// SPDX-License-Identifier: GPL-2.0-or-later
// `sluice-bench`: one cell of the matrix, inside a guest. The host's side is selftests/bench.
#include "bench/cell.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace {

using namespace sluice;
using namespace sluice::bench;

int report(const Error &error)
{
    fmt::print(stderr, "sluice-bench: {}\n", describe(error));
    return static_cast<int>(error.code);
}

std::string is_setting(const std::string &text)
{
    return text.find('=') == std::string::npos ? "PATH=VALUE is wanted, not " + text : "";
}

// One line, which the console may have put something in front of.
int run(const CellConfig &config)
{
    const auto result = run_cell(config);
    if (!result)
        return report(result.error());
    fmt::print("\nsluice-bench: {}\n", result->dump());
    return (*result)["corrupt_bytes"] == 0 ? 0 : 1;
}

void list()
{
    for (const LoadInfo &load : known_loads())
        fmt::print("load    {:14} {} ({}s)\n", load.name, load.about, load.operation);
    for (const Policy &policy : known_policies())
        fmt::print("policy  {:14} {}\n", policy.name, policy.about);
}

}  // namespace

int main(int argc, char **argv)
{
    CLI::App app("Runs one load under one policy, and prints what it cost.", "sluice-bench");
    CellConfig config;
    uint64_t mib = 256;
    std::vector<std::string> settings;
    int status = 0;
    app.require_subcommand(1);
    CLI::App *cell = app.add_subcommand("cell", "run one");
    cell->add_option("LOAD", config.load.name)->required();
    cell->add_option("POLICY", config.policy)->required();
    cell->add_option("--mib", mib, "memory of the load, in MiB")->check(CLI::PositiveNumber);
    cell->add_option("--operations", config.operations, "how many")->check(CLI::PositiveNumber);
    cell->add_option("--shift-every", config.load.shift_every, "operations (load shifting)");
    cell->add_option("--points", config.points, "of the timeline")->check(CLI::PositiveNumber);
    cell->add_option("--set", settings, "PATH=VALUE, before the policy starts")
        ->check(CLI::Validator(is_setting, "PATH=VALUE"));
    cell->callback([&] {
        config.load.bytes = mib << 20;
        for (const std::string &setting : settings)
            config.settings.push_back(
                {setting.substr(0, setting.find('=')), setting.substr(setting.find('=') + 1)});
        status = run(config);
    });
    app.add_subcommand("list", "loads and policies")->callback(list);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return status;
}
