// SPDX-License-Identifier: GPL-2.0-or-later
// What --help says there is.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/run_command.h"

namespace sluice {

inline std::string help(const std::string &command)
{
    return run_command(std::string(SLUICE_PROGRAM) + " " + command + " --help").out;
}

inline std::set<std::string> subcommands(const std::string &command)
{
    const std::string text = help(command);
    const size_t at = text.find("Subcommands:\n");
    std::set<std::string> names;
    if (at == std::string::npos)
        return names;
    const std::string list = text.substr(at, text.find("\n\n", at) - at);
    const std::regex name(R"(\n  ([a-z]+) )");
    for (std::sregex_iterator i(list.begin(), list.end(), name), end; i != end; ++i)
        names.insert((*i)[1]);
    return names;
}

// "" and every command and subcommand.
inline std::vector<std::string> all_commands()
{
    std::vector<std::string> commands = {""};
    for (const std::string &name : subcommands("")) {
        commands.push_back(name);
        for (const std::string &inner : subcommands(name))
            commands.push_back(std::string(name).append(" ").append(inner));
    }
    return commands;
}

}  // namespace sluice
