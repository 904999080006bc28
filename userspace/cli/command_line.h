// SPDX-License-Identifier: GPL-2.0-or-later
// What a group of subcommands needs to declare itself. Only main.cc and the args_*.cc know CLI11.
#pragma once

#include "cli/commands.h"

#include <CLI/CLI.hpp>

namespace sluice {

// The kernel's own bound: PID_MAX_LIMIT.
constexpr int most_pid = 1 << 22;

struct CommandLine {
    CLI::App app;
    CommonOptions common;
    int status = 0;  // of the subcommand that ran

    CommandLine(const char *about, const char *name) : app(about, name) {}

    // A subcommand with --json, and its examples at the end of --help.
    CLI::App *add(CLI::App &parent, const char *name, const char *about, const char *examples)
    {
        CLI::App *command = parent.add_subcommand(name, about);
        command->fallthrough();
        command->add_flag("--json", common.json, "print JSON (sizes in bytes, times in ns)");
        command->footer(std::string("Examples:\n") + examples);
        return command;
    }

    // The subcommand is run once all its options are known; `options` lives as long as it.
    template <class Options, class Run>
    void run(CLI::App *command, std::shared_ptr<Options> options, Run run)
    {
        command->callback(
            [this, options = std::move(options), run] { status = run(common, *options); });
    }
};

void add_control(CommandLine &line);  // doctor, get, set, metrics
void add_views(CommandLine &line);    // status, top, ranges, why, cost, map
void add_load(CommandLine &line);     // load gups, load kv
void add_trace(CommandLine &line);    // record, report, heatmap, sim

}  // namespace sluice
