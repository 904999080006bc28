// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of `sluice`: its groups of subcommands, and the exit status.
#include "cli/command_line.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>

namespace {

// A full disk must not look like success. A closed pipe ends us by SIGPIPE, silently, as usual.
int finish(int status)
{
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)
        return status;
    return sluice::report_error(sluice::os_error("write", "standard output", errno));
}

// The help, and below it, where it is seen, what was wrong.
std::string misuse(const CLI::App *app, const CLI::Error &error)
{
    // A subcommand that does not exist counts as one that is missing.
    const auto unknown = app->remaining();
    const bool no_command = app->get_subcommands().empty() && !unknown.empty();
    return app->help() + "\nsluice: " +
           (no_command ? "there is no subcommand " + unknown.front() : error.what()) + "\n";
}

}  // namespace

int main(int argc, char **argv)
{
    // Whoever started us may ignore it, and would have us write into a closed pipe for ever.
    signal(SIGPIPE, SIG_DFL);
    sluice::CommandLine line(
        "Look at Sluice, the tiering of memory by hardware samples, and load it.", "sluice");
    line.app.require_subcommand(1);
    line.app.failure_message(misuse);
    line.app.footer(
        "Examples:\n  sluice doctor\n  sluice status\n  sluice ranges -p $(pidof redis-server) "
        "--sort density\n\n"
        "Exit status: 0 ok, 1 failed, 2 wrong usage, 3 kernel feature or permission missing,\n"
        "130 interrupted.\n");
    line.app.add_option("--sysroot", line.common.sysroot, "directory to read /proc and /sys below")
        ->type_name("DIRECTORY");
    add_control(line);
    add_views(line);
    add_load(line);
    add_trace(line);
    try {
        line.app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return line.app.exit(error) == 0 ? finish(0) : 2;
    } catch (const std::system_error &error) {
        return sluice::report_error(
            sluice::os_error("write", "standard output", error.code().value()));
    }
    return finish(line.status);
}
