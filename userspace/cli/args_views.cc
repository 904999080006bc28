// SPDX-License-Identifier: GPL-2.0-or-later
// Subcommands that show what the kernel knows.
#include "cli/command_line.h"

namespace sluice {

namespace {

const std::map<std::string, RangeOrder> orders = {
    {"address", RangeOrder::address}, {"density", RangeOrder::density},
    {"samples", RangeOrder::samples}, {"size", RangeOrder::size},
    {"slow", RangeOrder::slow},       {"age", RangeOrder::age}};

void add_status(CommandLine &line)
{
    const auto options = std::make_shared<StatusOptions>();
    CLI::App *command = line.add(
        line.app, "status", "is it on, and where is the memory: by node, tier and process, in MiB",
        "  sluice status\n  sluice status -p $(pidof redis-server)\n"
        "  sluice status --json | jq .samples\n");
    add_pid(command, "-p,--pid", options->pid, "only this process, by kind of memory (a number)");
    line.run(command, options, run_status);
}

void add_ranges(CommandLine &line)
{
    const auto options = std::make_shared<RangesOptions>();
    CLI::App *command =
        line.add(line.app, "ranges", "what is hot: the ranges of a process, with density and tier",
                 "  sluice ranges -p $(pidof redis-server) --sort density -n 10\n"
                 "  sluice ranges -p 412 --sort slow --json | jq .ranges[0]\n");
    add_pid(command, "-p,--pid", options->pid, "process id (a number)")->required();
    add_choice(command, "--sort", options->order, orders,
               "order (slow: by memory in the slow tier)");
    command->add_option("-n,--limit", options->limit, "number of ranges to show; 0: all");
    line.run(command, options, run_ranges);
}

void add_why(CommandLine &line)
{
    const auto options = std::make_shared<WhyOptions>();
    CLI::App *command = line.add(line.app, "why", "why is the page at an address fast or slow",
                                 "  sluice why -p $(pidof redis-server) 7f10c4000000\n"
                                 "  sluice why -p 412 0x7f10c4000000 --json | jq .verdict\n");
    add_pid(command, "-p,--pid", options->pid, "process id (a number)")->required();
    command->add_option("ADDRESS", options->address, "an address (hexadecimal)")
        ->type_name("")
        ->required();
    line.run(command, options, run_why);
}

void add_cost(CommandLine &line)
{
    const auto options = std::make_shared<CostOptions>();
    CLI::App *command =
        line.add(line.app, "cost", "what it costs: interrupts, drains, lost samples, moved pages",
                 "  sluice cost\n  sluice cost -d 10\n");
    command
        ->add_option("-d,--duration", options->seconds, "time to watch, in seconds; 0: since boot")
        ->check(CLI::Range(0.0, 86400.0));
    line.run(command, options, run_cost);
}

void add_top(CommandLine &line)
{
    const auto options = std::make_shared<TopOptions>();
    CLI::App *command = line.add(line.app, "top", "show rates, by tier, direction and process",
                                 "  sluice top\n  sluice top -n 1 -d 5 --json\n");
    command->add_option("-n,--iterations", options->iterations,
                        "number of screens; 0 means no end");
    command->add_option("-d,--delay", options->seconds, "time between two screens, in seconds")
        ->check(CLI::Range(0.01, 86400.0));
    line.run(command, options, run_top);
}

void add_map(CommandLine &line)
{
    const auto pid = std::make_shared<int>(0);
    CLI::App *command = line.add(line.app, "map", "draw the ranges of a process",
                                 "  sluice map $(pidof redis-server)\n");
    add_pid(command, "PID", *pid, "process id (a number)")->type_name("")->required();
    line.run(command, pid, run_map);
}

}  // namespace

void add_views(CommandLine &line)
{
    add_status(line);
    add_top(line);
    add_ranges(line);
    add_why(line);
    add_cost(line);
    add_map(line);
}

}  // namespace sluice
