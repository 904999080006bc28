// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands_trace.h"
#include "cli/output_sim.h"
#include "sim/perf_script.h"
#include "trace/data_file.h"
#include "trace/recording.h"

#include <fmt/format.h>
#include <cerrno>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

namespace sluice {

namespace {

int run_sweep(const CommonOptions &common, const SimOptions &options)
{
    std::vector<SweepAxis> axes;
    for (const std::string &text : options.sweeps) {
        const auto axis = parse_axis(text);
        if (!axis)
            return report_error(axis.error());
        axes.push_back(*axis);
    }
    const auto runs = sweep(options.config, axes);
    if (!runs)
        return report_error(runs.error());
    fmt::print("{}", common.json ? json_text(to_json(*runs)) : to_text(*runs));
    return 0;
}

trace::Info info_of(const SimConfig &config)
{
    trace::Info info;
    info.source = "sim";
    info.release = "none";
    info.command = fmt::format("pattern {}, seed {}", name_of(config.pattern.kind), config.seed);
    info.knobs = {{"sample_period", config.period},
                  {"load_latency_cycles", config.load_latency},
                  {"epoch_ms", config.epoch_ms},
                  {"split_threshold", config.split_threshold},
                  {"min_range_kb", config.min_range >> 10},
                  {"relocate_mbps", config.relocate_mbps}};
    info.node_tier = {{"0", 0}, {"1", 1}};
    return info;
}

trace::Process process_of(const SimConfig &config, uint64_t pid)
{
    if (config.programs)
        for (const Program &program : *config.programs)
            if (program.pid == pid)
                return {pid, program.bytes(), program.bytes(), program.name};
    return {pid, config.pattern.size, config.pattern.size, name_of(config.pattern.kind)};
}

Result<> read_programs(const std::string &path, SimConfig &config)
{
    std::ifstream file;
    if (path != "-")
        file.open(path);
    std::istream &input = path == "-" ? std::cin : file;
    if (!input)
        return fail(os_error("read", path, errno));
    const std::string text(std::istreambuf_iterator<char>(input), {});
    auto script = parse_perf_script(text, path);
    if (!script)
        return propagate(script);
    if (script->left_out != 0)
        fmt::print(stderr, "sluice: {}: {} lines without an address of user space left out\n", path,
                   script->left_out);
    config.programs = std::make_shared<const std::vector<Program>>(std::move(script->programs));
    return {};
}

// The run, and a recording of it.
Result<SimResult> simulate_to(const std::string &path, const SimConfig &config)
{
    auto writer = trace::DataWriter::create(path, info_of(config));
    if (!writer)
        return propagate(writer);
    Result<> written;
    uint64_t time_ns = 0;
    std::set<uint64_t> introduced;
    auto result = simulate(config, [&](const trace::Timed &timed) {
        const uint64_t pid = trace::pid_of(timed.event);
        if (written && pid != 0 && introduced.insert(pid).second)
            written = writer->write({timed.time_ns, process_of(config, pid)});
        if (written)
            written = writer->write(timed);
        time_ns = timed.time_ns;
    });
    if (written)
        written = writer->finish(time_ns, 0);
    if (!written)
        return propagate(written);
    return result;
}

int run_replay(const CommonOptions &common, const SimOptions &options)
{
    const auto recording = trace::load_recording(options.input);
    if (!recording)
        return report_error(recording.error());
    const auto process = trace::choose_process(*recording, options.pid);
    if (!process)
        return report_error(process.error());
    const auto result = replay(*recording, **process);
    if (!result)
        return report_error(result.error());
    fmt::print("{}", common.json ? json_text(to_json(*result)) : to_text(*result));
    return result->same() ? 0 : static_cast<int>(Code::failed);
}

}  // namespace

int run_sim(const CommonOptions &common, SimOptions &options)
{
    if (!options.input.empty())
        return run_replay(common, options);
    if (!options.script.empty())
        if (const auto read = read_programs(options.script, options.config); !read)
            return report_error(read.error());
    if (!options.sweeps.empty())
        return run_sweep(common, options);
    const auto result = options.output.empty() ? simulate(options.config)
                                               : simulate_to(options.output, options.config);
    if (!result)
        return report_error(result.error());
    fmt::print("{}", common.json ? json_text(to_json(*result)) : to_text(*result));
    return 0;
}

}  // namespace sluice
