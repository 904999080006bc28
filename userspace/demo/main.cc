// SPDX-License-Identifier: GPL-2.0-or-later
// `sluice-demo`: its runs inside guests, its summary on the host. scripts/demo calls both.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "demo/run.h"
#include "demo/summary.h"

namespace {

using namespace sluice;

struct Options {
    RunConfig run;
    RedisRunConfig redis;
    GupsConfig gups;
    uint64_t size_mib = 512;
    std::vector<std::string> knobs;
    std::vector<std::string> directories;
    std::string output;
};

int report(const Error &error)
{
    fmt::print(stderr, "sluice-demo: {}\n", describe(error));
    return static_cast<int>(error.code);
}

int finish(const Result<Json> &result)
{
    return result ? 0 : report(result.error());
}

RunConfig run_config(const Options &options)
{
    RunConfig run = options.run;
    for (const std::string &knob : options.knobs) {
        const size_t equals = knob.find('=');
        run.knobs[knob.substr(0, equals)] = knob.substr(equals + 1);
    }
    return run;
}

std::string is_setting(const std::string &text)
{
    return text.find('=') == std::string::npos ? "NAME=VALUE is wanted, not " + text : "";
}

void add_run_options(CLI::App *command, Options &options)
{
    command->add_option("--name", options.run.name, "name of the run")->required();
    command->add_option("--out", options.run.directory, "directory for the results")->required();
    command->add_flag("--sluice", options.run.sluice, "with Sluice on");
    command->add_option("--knob", options.knobs, "NAME=VALUE of vm.sluice, set before")
        ->check(CLI::Validator(is_setting, "NAME=VALUE"));
}

void add_runs(CLI::App &app, Options &options, int &status)
{
    const std::map<std::string, KeyMode> modes = {{"latest", KeyMode::latest},
                                                  {"zipf", KeyMode::zipf}};
    CLI::App *redis = app.add_subcommand("redis", "in a guest: load a redis-server");
    add_run_options(redis, options);
    KvConfig &kv = options.redis.kv;
    redis->add_option("--mode", kv.mode, "latest or zipf")
        ->required()
        ->transform(CLI::CheckedTransformer(modes));
    redis->add_option("--keys", kv.keys, "number of keys")->required()->check(CLI::PositiveNumber);
    redis->add_option("--reads", options.redis.reads, "number of reads")
        ->required()
        ->check(CLI::PositiveNumber);
    redis->add_option("--pipeline", kv.pipeline, "requests in flight (a number)")
        ->check(CLI::PositiveNumber);
    redis->callback([&] {
        options.redis.run = run_config(options);
        status = finish(run_redis(options.redis));
    });

    CLI::App *gups =
        app.add_subcommand("gups", "in a guest: random updates that verify themselves");
    add_run_options(gups, options);
    gups->add_option("--size-mib", options.size_mib, "memory, in MiB")->check(CLI::PositiveNumber);
    gups->add_option("--updates", options.gups.limit.operations, "number of updates")
        ->required()
        ->check(CLI::PositiveNumber);
    gups->callback([&] {
        options.gups.size_bytes = options.size_mib << 20;
        status = finish(run_gups(run_config(options), options.gups));
    });
}

// Prints and writes whatever came out; then says by its status whether it is enough.
int run_summary(const Options &options)
{
    std::vector<Json> runs;
    for (const std::string &directory : options.directories) {
        auto run = read_run(directory);
        if (!run)
            return report(run.error());
        runs.push_back(std::move(*run));
    }
    const Json summary = summarize(runs);
    fmt::print("{}", table_of(summary));
    if (const auto written = write_result(options.output, summary.dump(2) + "\n"); !written)
        return report(written.error());
    return summary["failures"].empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv)
{
    CLI::App app("Runs of the demo, and their summary.", "sluice-demo");
    Options options;
    int status = 0;
    app.require_subcommand(1);
    app.failure_message(CLI::FailureMessage::help);
    add_runs(app, options, status);
    CLI::App *summary = app.add_subcommand("summary", "on the host: merge runs, print the table");
    summary->add_option("DIRECTORY", options.directories, "a run's --out")->required();
    summary->add_option("--json", options.output, "file to write the summary to")->required();
    summary->callback([&] { status = run_summary(options); });
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return status;
}
