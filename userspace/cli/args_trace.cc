// SPDX-License-Identifier: GPL-2.0-or-later
// Options of the subcommands that record, simulate and draw.
#include "cli/command_line.h"
#include "cli/commands_trace.h"
#include "cli/units.h"

namespace sluice {

namespace {

const std::map<std::string, PatternKind> patterns = {
    {"hotset", PatternKind::hotset},       {"scattered", PatternKind::scattered},
    {"zipf", PatternKind::zipf},           {"shifting", PatternKind::shifting},
    {"streaming", PatternKind::streaming}, {"uniform", PatternKind::uniform}};

const std::map<std::string, HeatFormat> formats = {
    {"text", HeatFormat::text}, {"csv", HeatFormat::csv}, {"svg", HeatFormat::svg}};

struct SimArguments {
    SimOptions sim;
    double hot_percent = 90;
    double fast_percent = 20;
};

CLI::Option *add_size(CLI::App *command, const char *name, uint64_t &bytes, const char *about)
{
    return command->add_option(name, bytes, about)
        ->transform(CLI::AsSizeValue(false).description(""))
        ->type_name("BYTES")
        ->default_str(human_bytes(bytes));
}

void add_pattern(CLI::App *sim, SimArguments &options)
{
    PatternConfig &pattern = options.sim.config.pattern;
    add_choice(sim, "--pattern", pattern.kind, patterns, "which memory the accesses go to");
    add_size(sim, "--size", pattern.size, "memory of a process, in bytes, or as 64TiB");
    add_size(sim, "--hot", pattern.hot, "its hot part, in bytes; 0: a twelfth");
    sim->add_option("--hot-share", options.hot_percent, "accesses that go to it, in %")
        ->check(CLI::Range(0.0, 100.0));
    add_size(sim, "--piece", pattern.piece,
             "bytes that are equally hot, for scattered and zipf (from 4 KiB)");
    sim->add_option("--theta", pattern.theta, "exponent of zipf (a number)")
        ->check(CLI::Range(0.01, 5.0));
    sim->add_option("--shift-every", pattern.shift_epochs,
                    "epochs between two moves of the hot part, for shifting")
        ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 32));
}

void add_guest(CLI::App *sim, SimArguments &options)
{
    SimConfig &config = options.sim.config;
    sim->add_option("--processes", config.processes, "number of processes, all alike")
        ->check(CLI::Range(1, 100000));
    sim->add_option("--threads", config.threads, "threads of a process (a number)")
        ->check(CLI::Range(1, 4096));
    sim->add_option("--fast", options.fast_percent, "fast tier, in % of all memory")
        ->check(CLI::Range(0.0, 100.0));
    sim->add_option("--fast-ns", config.fast_ns, "latency of the fast tier, in ns")
        ->check(CLI::Range(1, 1000000));
    sim->add_option("--slow-ns", config.slow_ns, "latency of the slow tier, in ns")
        ->check(CLI::Range(1, 1000000));
    sim->add_option("--epochs", config.epochs, "number of epochs; 0: 100, or as --samples needs");
    sim->add_option("--samples", config.samples,
                    "number of samples in all; 0: as many as the loads of that time give");
    sim->add_option("--seed", config.seed, "seed of the accesses (a number)");
}

void add_knobs(CLI::App *sim, SimConfig &config)
{
    sim->add_option("--period", config.period, "loads per sample (a number)")
        ->check(CLI::Range(1, 1 << 30));
    sim->add_option("--load-latency", config.load_latency,
                    "shortest load that is sampled, in cycles (2.6 a ns)");
    sim->add_option("--epoch-ms", config.epoch_ms, "length of an epoch, in ms")
        ->check(CLI::Range(1, 60000));
    sim->add_option("--split-threshold", config.split_threshold,
                    "samples that a range needs to be split (a number)")
        ->check(CLI::Range(1, 1000000));
    add_size(sim, "--min-range", config.min_range, "smallest range, in bytes");
    sim->add_option("--merge-epochs", config.merge_epochs,
                    "epochs for which neighbours are alike before they merge")
        ->check(CLI::Range(1, 60000));
    sim->add_option("--max-ranges", config.max_ranges, "ranges of a process, at most")
        ->check(CLI::Range(1, 1 << 20));
    sim->add_option("--relocate-mbps", config.relocate_mbps,
                    "memory moved, in MiB per second at most; 0: no bound");
    sim->add_option("--channel", config.channel_entries,
                    "samples that can wait for the end of the epoch, per process (a number)")
        ->check(CLI::Range(64, 1 << 20));
}

void add_files(CLI::App *sim, SimOptions &options)
{
    CLI::Option *sweep =
        sim->add_option(
               "--sweep", options.sweeps,
               "NAME=VALUE,VALUE...: one run for each value (of each combination, if given "
               "more than once); sizes in bytes")
            ->take_all()
            ->allow_extra_args(false)
            ->type_name("NAME=VALUES")
            ->default_str("");
    add_file(sim, "-o,--output", options.output,
             "file for a recording of the run, for report and heatmap")
        ->excludes(sweep);
    CLI::Option *input =
        add_file(sim, "-i,--input", options.input,
                 "a recording (a file): re-run it, and say whether the kernel decided the same");
    input->excludes(sweep);
    add_file(sim, "--perf-script", options.script,
             "run what `perf script -F comm,pid,time,addr` printed (a file; - is stdin)")
        ->excludes(input);
    sim->add_option("-p,--pid", options.pid, "its process (a number); 0: the one with most samples")
        ->type_name("PID")
        ->needs(input);
}

int run_sim_with(const CommonOptions &common, SimArguments &arguments)
{
    arguments.sim.config.pattern.hot_share = arguments.hot_percent / 100;
    arguments.sim.config.fast_share = arguments.fast_percent / 100;
    return run_sim(common, arguments.sim);
}

void add_sim(CommandLine &line)
{
    const auto arguments = std::make_shared<SimArguments>();
    CLI::App *sim =
        line.add(line.app, "sim", "simulate a guest, with the kernel's own code",
                 "  sluice sim\n"
                 "  sluice sim --size 64TiB --hot 2MiB --samples 100000000\n"
                 "  sluice sim --pattern shifting --sweep period=509,4093,16381 --json\n"
                 "  sluice sim --sweep epoch-ms=100,500,2000 --sweep split-threshold=5,15,50\n"
                 "  sluice sim -o sluice.data && sluice heatmap\n"
                 "  sluice sim -i sluice.data\n"
                 "  perf script -F comm,pid,time,addr | sluice sim --perf-script - --fast 25\n");
    add_pattern(sim, *arguments);
    add_guest(sim, *arguments);
    add_knobs(sim, arguments->sim.config);
    add_files(sim, arguments->sim);
    line.run(sim, arguments, run_sim_with);
}

void add_record(CommandLine &line)
{
    const auto options = std::make_shared<trace::RecordConfig>();
    CLI::App *record =
        line.add(line.app, "record", "record what Sluice does, of one process, a command, or all",
                 "  sluice record -- redis-server\n"
                 "  sluice record -p $(pidof redis-server) --seconds 60\n"
                 "  sluice record -o all.data      (until Ctrl-C)\n");
    add_file(record, "-o,--output", options->output, "the recording (a file)");
    CLI::Option *pid = add_pid(record, "-p,--pid", options->pid, "record this process (a number)");
    record
        ->add_option("--seconds", options->seconds, "time, in seconds; 0: until it ends or Ctrl-C")
        ->check(CLI::Range(0.0, 1e9));
    record->add_option("--buffer-kib", options->buffer_kib, "the kernel's buffer per CPU, in KiB")
        ->check(CLI::Range(64, 1 << 22));
    record->add_option("COMMAND", options->command, "run it, record it and all that it starts")
        ->type_name("")
        ->default_str("")
        ->excludes(pid);
    line.run(record, options, run_record);
}

void add_input(CLI::App *command, RecordingOptions &recording)
{
    add_file(command, "-i,--input", recording.input, "the recording (a file)");
    command
        ->add_option("-p,--pid", recording.pid,
                     "process id (a number); 0: the process with most samples")
        ->type_name("PID");
}

void add_report(CommandLine &line)
{
    const auto options = std::make_shared<RecordingOptions>();
    CLI::App *report =
        line.add(line.app, "report", "tell from a recording what is hot, where it is, what it cost",
                 "  sluice report\n"
                 "  sluice report --html report.html\n"
                 "  sluice report -i yesterday.data --json | jq .hit_permille\n");
    add_input(report, *options);
    add_file(report, "--html", options->html, "file for one page with all pictures; - is stdout");
    line.run(report, options, run_report);
}

void add_count(CLI::App *heatmap, const char *name, unsigned &count, const char *about)
{
    heatmap->add_option(name, count, about)->default_str("")->check(CLI::Range(1, 2000));
}

// Addresses are hexadecimal wherever one is printed, mostly without 0x.
void add_address(CLI::App *heatmap, const char *name, uint64_t &address, const char *about)
{
    heatmap->add_option(name, address, about)
        ->type_name("ADDRESS")
        ->default_str("")
        ->transform(CLI::Validator(
            [](std::string &text) {
                if (text.rfind("0x", 0) != 0)
                    text.insert(0, "0x");
                return std::string();
            },
            ""));
}

void add_heatmap(CommandLine &line)
{
    const auto options = std::make_shared<RecordingOptions>();
    HeatOptions &heat = options->heat;
    CLI::App *heatmap =
        line.add(line.app, "heatmap", "draw a recording: time, addresses, heat and tier",
                 "  sluice heatmap\n"
                 "  sluice heatmap --format svg -o heat.svg\n"
                 "  sluice heatmap --from 7f1040000000 --rows 40\n");
    add_input(heatmap, *options);
    add_choice(heatmap, "--format", options->format, formats, "what to draw it as");
    add_file(heatmap, "-o,--output", options->output, "file; stdout without it");
    add_count(heatmap, "--rows", options->rows,
              "about so many rows of addresses (a number); by format");
    add_count(heatmap, "--columns", options->columns,
              "at most so many columns of time (a number); by format");
    add_address(heatmap, "--from", heat.from, "lowest address (hexadecimal)");
    add_address(heatmap, "--to", heat.to, "end of the addresses (hexadecimal)");
    line.run(heatmap, options, run_heatmap);
}

}  // namespace

void add_trace(CommandLine &line)
{
    add_record(line);
    add_report(line);
    add_heatmap(line);
    add_sim(line);
}

}  // namespace sluice
