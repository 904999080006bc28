// SPDX-License-Identifier: GPL-2.0-or-later
// Subcommands that make accesses.
#include "cli/command_line.h"

#include <cmath>

namespace sluice {

namespace {

struct GupsOptions {
    double size_mib = 256;
    double hot_percent = 8;
    double hot_share_percent = 90;
    double seconds = 10;
    GupsConfig config;
};

enum class Phase { insert, read, both };

struct KvArguments {
    double seconds = 0;
    Phase phase = Phase::both;
    KvOptions kv;
};

const std::map<std::string, HotPosition> positions = {
    {"start", HotPosition::start}, {"middle", HotPosition::middle}, {"end", HotPosition::end}};
const std::map<std::string, Phase> phases = {
    {"insert", Phase::insert}, {"read", Phase::read}, {"both", Phase::both}};
const std::map<std::string, KeyMode> modes = {{"latest", KeyMode::latest}, {"zipf", KeyMode::zipf}};

std::chrono::nanoseconds duration_of(double seconds)
{
    return std::chrono::nanoseconds(std::llround(seconds * 1e9));
}

int run_gups(const CommonOptions &common, GupsOptions &options)
{
    options.config.size_bytes = static_cast<uint64_t>(options.size_mib * 1048576);
    options.config.hot_fraction = options.hot_percent / 100;
    options.config.hot_share = options.hot_share_percent / 100;
    if (options.config.limit.operations == 0)
        options.config.limit.duration = duration_of(options.seconds);
    return run_load_gups(common, options.config);
}

int run_kv(const CommonOptions &common, KvArguments &arguments)
{
    KvOptions &options = arguments.kv;
    options.insert = arguments.phase != Phase::read;
    options.read = arguments.phase != Phase::insert;
    options.limit.duration = duration_of(arguments.seconds);
    if (options.limit.operations == 0 && arguments.seconds == 0)
        options.limit.operations = options.config.keys;
    return run_load_kv(common, options);
}

void add_gups(CommandLine &line, CLI::App &load)
{
    const auto options = std::make_shared<GupsOptions>();
    CLI::App *gups = line.add(load, "gups", "random updates with a hot set",
                              "  sluice load gups --size-mib 512 --seconds 30\n"
                              "  sluice load gups --updates 1000000 --hot-position start --json\n");
    gups->add_option("--size-mib", options->size_mib, "memory, in MiB")
        ->check(CLI::Range(0.001, 1e6));
    gups->add_option("--hot-percent", options->hot_percent, "hot part of the memory, in %")
        ->check(CLI::Range(0.0, 100.0));
    gups->add_option("--hot-share", options->hot_share_percent, "updates that go to it, in %")
        ->check(CLI::Range(0.0, 100.0));
    add_choice(gups, "--hot-position", options->config.hot_position, positions,
               "which part of the memory is hot");
    gups->add_option("--seed", options->config.seed, "seed of the accesses (a number)");
    gups->add_option("--updates", options->config.limit.operations,
                     "number of updates; 0: by time");
    gups->add_option("--seconds", options->seconds, "time, in seconds, if --updates is 0")
        ->check(CLI::Range(0.001, 1e6));
    line.run(gups, options, run_gups);
}

void add_kv_address(CLI::App *kv, KvAddress &address)
{
    auto *path = add_file(kv, "--unix", address.unix_path, "path of the server's unix socket");
    kv->add_option("--host", address.host, "the server's address, for TCP")->excludes(path);
    kv->add_option("--port", address.port, "the server's TCP port (a number)")
        ->check(CLI::Range(1, 65535))
        ->excludes(path);
}

void add_kv(CommandLine &line, CLI::App &load)
{
    const auto options = std::make_shared<KvArguments>();
    KvConfig &config = options->kv.config;
    CLI::App *kv = line.add(load, "kv", "insert and read values of a redis-server",
                            "  sluice load kv --unix /tmp/redis.sock --keys 100000\n"
                            "  sluice load kv --phase read --mode zipf --seconds 60 --json\n");
    add_kv_address(kv, config.address);
    kv->add_option("--keys", config.keys, "number of keys")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
    kv->add_option("--value-bytes", config.value_bytes, "size of a value, in bytes")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 20));
    kv->add_option("--pipeline", config.pipeline, "requests in flight (a number)")
        ->check(CLI::Range(1, 10000));
    kv->add_option("--seed", config.seed, "seed of values and reads (a number)");
    add_choice(kv, "--phase", options->phase, phases, "what to do with the keys");
    add_choice(kv, "--mode", config.mode, modes,
               "latest: 90 % of reads to the newest tenth; zipf: hashed, theta 0.99");
    kv->add_option("--reads", options->kv.limit.operations, "number of reads; 0: by time");
    kv->add_option("--seconds", options->seconds, "time to read for, in seconds; 0: by --reads")
        ->check(CLI::Range(0.0, 1e6));
    line.run(kv, options, run_kv);
}

}  // namespace

void add_load(CommandLine &line)
{
    CLI::App *load =
        line.app.add_subcommand("load", "make accesses, and check every byte they read");
    load->require_subcommand(1);
    load->footer(
        "Examples:\n  sluice load gups --size-mib 512 --seconds 30\n"
        "  sluice load kv --unix /tmp/redis.sock --keys 100000\n");
    load->fallthrough();
    add_gups(line, *load);
    add_kv(line, *load);
}

}  // namespace sluice
