// SPDX-License-Identifier: GPL-2.0-or-later
// The command line of `sluice`. CLI11 is known here and in args_trace.cc only.
#include "cli/commands.h"
#include "cli/commands_trace.h"

#include <CLI/CLI.hpp>
#include <cmath>

namespace {

using namespace sluice;

struct Options {
    CommonOptions common;
    TopOptions top;
    int pid = 0;
    double size_mib = 256;
    double hot_percent = 8;
    double hot_share_percent = 90;
    double gups_seconds = 10;
    GupsConfig gups;
    double kv_seconds = 0;
    KvOptions kv;
    std::string phase = "both";
};

const std::map<std::string, HotPosition> positions = {
    {"start", HotPosition::start}, {"middle", HotPosition::middle}, {"end", HotPosition::end}};
const std::map<std::string, KeyMode> modes = {{"latest", KeyMode::latest}, {"zipf", KeyMode::zipf}};

constexpr const char *exit_codes =
    "Exit status: 0 ok, 1 failed, 2 wrong usage, 3 kernel feature or permission missing,\n"
    "130 interrupted.\n";

std::chrono::nanoseconds duration_of(double seconds)
{
    return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

CLI::App *add_command(CLI::App &parent, Options &options, const char *name, const char *about,
                      const char *examples)
{
    CLI::App *command = parent.add_subcommand(name, about);
    command->fallthrough();
    command->add_flag("--json", options.common.json, "print JSON (sizes in bytes, times in ns)");
    command->footer(std::string("Examples:\n") + examples);
    return command;
}

void add_views(CLI::App &app, Options &options, int &status)
{
    add_command(app, options, "status", "show knobs, tiers, managed processes and counters",
                "  sluice status\n  sluice status --json | jq .samples\n")
        ->callback([&] { status = run_status(options.common); });

    CLI::App *top = add_command(app, options, "top", "show rates, by tier, direction and process",
                                "  sluice top\n  sluice top -n 1 -d 5 --json\n");
    top->add_option("-n,--iterations", options.top.iterations, "number of screens; 0 means no end");
    top->add_option("-d,--delay", options.top.seconds, "time between two screens, in seconds")
        ->check(CLI::Range(0.01, 86400.0));
    top->callback([&] { status = run_top(options.common, options.top); });

    CLI::App *map = add_command(app, options, "map", "draw the ranges of a process",
                                "  sluice map $(pidof redis-server)\n");
    map->add_option("PID", options.pid, "process id (a number)")
        ->required()
        ->check(CLI::PositiveNumber);
    map->callback([&] { status = run_map(options.common, options.pid); });
}

void add_gups(CLI::App &load, Options &options, int &status)
{
    CLI::App *gups =
        add_command(load, options, "gups", "random updates with a hot set",
                    "  sluice load gups --size-mib 512 --seconds 30\n"
                    "  sluice load gups --updates 1000000 --hot-position start --json\n");
    gups->add_option("--size-mib", options.size_mib, "memory, in MiB")
        ->check(CLI::Range(0.001, 1048576.0));
    gups->add_option("--hot-percent", options.hot_percent, "hot part of the memory, in %")
        ->check(CLI::Range(0.0, 100.0));
    gups->add_option("--hot-share", options.hot_share_percent, "updates that go to it, in %")
        ->check(CLI::Range(0.0, 100.0));
    gups->add_option("--hot-position", options.gups.hot_position, "start, middle or end of memory")
        ->transform(CLI::CheckedTransformer(positions));
    gups->add_option("--seed", options.gups.seed, "seed of the accesses (a number)");
    gups->add_option("--updates", options.gups.limit.operations, "number of updates; 0: by time");
    gups->add_option("--seconds", options.gups_seconds, "time, in seconds, if --updates is 0")
        ->check(CLI::Range(0.001, 1e6));
    gups->callback([&] {
        options.gups.size_bytes = static_cast<uint64_t>(options.size_mib * 1048576);
        options.gups.hot_fraction = options.hot_percent / 100;
        options.gups.hot_share = options.hot_share_percent / 100;
        if (options.gups.limit.operations == 0)
            options.gups.limit.duration = duration_of(options.gups_seconds);
        status = run_load_gups(options.common, options.gups);
    });
}

void add_kv_address(CLI::App *kv, KvAddress &address)
{
    auto *path = kv->add_option("--unix", address.unix_path, "path of the server's unix socket");
    kv->add_option("--host", address.host, "the server's address, for TCP")->excludes(path);
    kv->add_option("--port", address.port, "the server's TCP port (a number)")
        ->check(CLI::Range(1, 65535))
        ->excludes(path);
}

void add_kv(CLI::App &load, Options &options, int &status)
{
    CLI::App *kv = add_command(load, options, "kv", "insert and read values of a redis-server",
                               "  sluice load kv --unix /tmp/redis.sock --keys 100000\n"
                               "  sluice load kv --phase read --mode zipf --seconds 60 --json\n");
    add_kv_address(kv, options.kv.config.address);
    kv->add_option("--keys", options.kv.config.keys, "number of keys")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
    kv->add_option("--value-bytes", options.kv.config.value_bytes, "size of a value, in bytes")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 20));
    kv->add_option("--pipeline", options.kv.config.pipeline, "requests in flight (a number)")
        ->check(CLI::Range(1, 10000));
    kv->add_option("--seed", options.kv.config.seed, "seed of values and reads (a number)");
    kv->add_option("--phase", options.phase, "insert, read or both")
        ->check(CLI::IsMember({"insert", "read", "both"}));
    kv->add_option("--mode", options.kv.config.mode,
                   "latest: 90 % of reads to the newest tenth; zipf: hashed, theta 0.99")
        ->transform(CLI::CheckedTransformer(modes));
    kv->add_option("--reads", options.kv.limit.operations, "number of reads; 0: by time");
    kv->add_option("--seconds", options.kv_seconds, "time to read for, in seconds; 0: by --reads")
        ->check(CLI::Range(0.0, 1e6));
    kv->callback([&] {
        options.kv.insert = options.phase != "read";
        options.kv.read = options.phase != "insert";
        options.kv.limit.duration = duration_of(options.kv_seconds);
        if (options.kv.limit.operations == 0 && options.kv_seconds == 0)
            options.kv.limit.operations = options.kv.config.keys;
        status = run_load_kv(options.common, options.kv);
    });
}

}  // namespace

int main(int argc, char **argv)
{
    CLI::App app("Look at Sluice, the tiering of memory by hardware samples, and load it.",
                 "sluice");
    Options options;
    int status = 0;
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::help);
    app.footer(std::string("Examples:\n  sluice status\n  sluice load gups --seconds 10\n\n") +
               exit_codes);
    app.add_option("--sysroot", options.common.sysroot, "directory to read /proc and /sys below");
    add_views(app, options, status);
    CLI::App *load = app.add_subcommand("load", "make accesses, and check every byte they read");
    load->require_subcommand(1);
    load->fallthrough();
    add_gups(*load, options, status);
    add_kv(*load, options, status);
    add_trace_commands(app, options.common, status);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return status;
}
