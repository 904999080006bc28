// SPDX-License-Identifier: GPL-2.0-or-later
// What a group of subcommands needs to declare itself. Only main.cc and the args_*.cc know CLI11.
#pragma once

#include "cli/commands.h"
#include "cli/help_format.h"

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>

namespace sluice {

// The kernel's own bound: PID_MAX_LIMIT.
constexpr int most_pid = 1 << 22;

struct CommandLine {
    CLI::App app;
    CommonOptions common;
    int status = 0;  // of the subcommand that ran

    CommandLine(const char *about, const char *name) : app(about, name)
    {
        app.formatter(std::make_shared<HelpFormat>());
        app.option_defaults()->always_capture_default();
    }

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

// An option whose value is one of a few words.
template <class Value>
CLI::Option *add_choice(CLI::App *command, const char *name, Value &value,
                        const std::map<std::string, Value> &words, const char *about)
{
    CLI::Option *option = command->add_option(name, value, about);
    std::string all;
    for (const auto &[word, meaning] : words) {
        all += (all.empty() ? "" : "|") + word;
        if (meaning == value)
            option->default_str(word);
    }
    option->type_name(all);
    return option->transform(CLI::CheckedTransformer(words).description(""));
}

// The process that a subcommand is about. 0, the default, is none.
template <class Pid>
CLI::Option *add_pid(CLI::App *command, const char *name, Pid &pid, const char *about)
{
    return command->add_option(name, pid, about)
        ->type_name("PID")
        ->default_str("")
        ->check(CLI::Range(1, most_pid).description(""));
}

inline CLI::Option *add_file(CLI::App *command, const char *name, std::string &path,
                             const char *about)
{
    return command->add_option(name, path, about)->type_name("FILE");
}

void add_control(CommandLine &line);  // doctor, get, set, metrics
void add_views(CommandLine &line);    // status, top, ranges, why, cost, map
void add_load(CommandLine &line);     // load gups, load kv
void add_trace(CommandLine &line);    // record, report, heatmap, sim

}  // namespace sluice
