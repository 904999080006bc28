// SPDX-License-Identifier: GPL-2.0-or-later
// Subcommands that look after Sluice itself: can it run, its knobs, its figures for others.
#include "cli/command_line.h"

namespace sluice {

namespace {

void add_doctor(CommandLine &line)
{
    CLI::App *command = line.add(
        line.app, "doctor", "say whether Sluice can run here, and what is missing",
        "  sluice doctor\n"
        "  sluice doctor --json | jq -r '.checks[] | select(.verdict != \"yes\") | .fix'\n");
    command->callback([&line] { line.status = run_doctor(line.common); });
}

void add_get(CommandLine &line)
{
    const auto options = std::make_shared<GetOptions>();
    CLI::App *command =
        line.add(line.app, "get", "show knobs with unit, bounds and meaning",
                 "  sluice get\n  sluice get epoch_ms --json | jq .knobs[0].value\n");
    command->add_option("NAME", options->names, "knobs, with or without vm.sluice. (words)")
        ->type_name("")
        ->default_str("");
    line.run(command, options, run_get);
}

void add_set(CommandLine &line)
{
    const auto options = std::make_shared<SetOptions>();
    CLI::App *command = line.add(line.app, "set", "set knobs: all of them or, on failure, none",
                                 "  sluice set enabled=1\n"
                                 "  sluice set enabled=0 sample_period=1009 epoch_ms=250\n");
    command->add_option("CHANGE", options->changes, "values in the unit that `sluice get` shows")
        ->type_name("NAME=VALUE")
        ->default_str("")
        ->required();
    line.run(command, options, run_set);
}

void add_metrics(CommandLine &line)
{
    const auto options = std::make_shared<MetricsOptions>();
    CLI::App *command = line.add(
        line.app, "metrics", "print OpenMetrics text, for node_exporter's textfile collector",
        "  sluice metrics\n"
        "  sluice metrics --output /var/lib/prometheus/node-exporter/sluice.prom\n");
    add_file(command, "-o,--output", options->output,
             "file to replace in one step (a path); stdout without it");
    line.run(command, options, run_metrics);
}

}  // namespace

void add_control(CommandLine &line)
{
    add_doctor(line);
    add_get(line);
    add_set(line);
    add_metrics(line);
}

}  // namespace sluice
