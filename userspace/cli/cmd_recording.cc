// SPDX-License-Identifier: GPL-2.0-or-later
// Subcommands that show a recording: report and heatmap.
#include "cli/commands_trace.h"
#include "cli/output_recording.h"
#include "picture/heat_svg.h"
#include "picture/heat_text.h"
#include "picture/html_report.h"
#include "trace/describe.h"

#include <fmt/format.h>
#include <cerrno>
#include <memory>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

struct Chosen {
    trace::Recording recording;
    const trace::ProcessRecord *process;
    std::string title;
};

Result<Chosen> open_recording(const RecordingOptions &options)
{
    auto recording = trace::load_recording(options.input);
    if (!recording)
        return propagate(recording);
    Chosen chosen{std::move(*recording), nullptr, {}};
    const auto process = trace::choose_process(chosen.recording, options.pid);
    if (!process)
        return propagate(process);
    chosen.process = *process;
    chosen.title = trace::title_of(chosen.recording, **process);
    return chosen;
}

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); }
};

Result<> put(std::FILE *file, const std::string &path, const std::string &text)
{
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0)
        return fail(os_error("write", path, errno));
    return {};
}

Result<> write_file(const std::string &path, const std::string &text)
{
    if (path == "-")
        return put(stdout, "standard output", text);
    const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "we"));
    if (!file)
        return fail(os_error("write", path, errno));
    return put(file.get(), path, text);
}

// A picture to a file, with a word on stderr; or whatever was asked for to stdout.
int hand_over(const std::string &path, const std::string &text)
{
    if (const auto written = write_file(path.empty() ? "-" : path, text); !written)
        return report_error(written.error());
    if (!path.empty() && path != "-")
        fmt::print(stderr, "sluice: wrote {}\n", path);
    return 0;
}

// A picture has room for more than a terminal.
HeatOptions grain_of(const RecordingOptions &options)
{
    const bool picture = options.format == HeatFormat::svg;
    HeatOptions heat = options.heat;
    heat.rows = options.rows ? options.rows : picture ? 48 : heat.rows;
    heat.columns = options.columns ? options.columns : picture ? 120 : heat.columns;
    return heat;
}

void warn(const trace::Recording &recording)
{
    if (const std::string text = trace::warning_of(recording); !text.empty())
        fmt::print(stderr, "sluice: {}\n", text);
}

}  // namespace

int run_report(const CommonOptions &common, const RecordingOptions &options)
{
    const auto chosen = open_recording(options);
    if (!chosen)
        return report_error(chosen.error());
    const trace::Recording &recording = chosen->recording;
    if (!options.html.empty()) {
        warn(recording);
        return hand_over(options.html, html_report(recording, *chosen->process));
    }
    const auto figures = trace::figures_of(*chosen->process, recording.summary.info);
    if (common.json) {
        warn(recording);
        return hand_over("", json_text(to_json(recording, figures)));
    }
    return hand_over("", to_text(recording, figures, chosen->title));
}

int run_heatmap(const CommonOptions &common, const RecordingOptions &options)
{
    const auto chosen = open_recording(options);
    if (!chosen)
        return report_error(chosen.error());
    warn(chosen->recording);
    const HeatGrid grid =
        make_heat_grid(*chosen->process, chosen->recording.first_ns, grain_of(options));
    if (grid.rows.empty())
        return report_error({Code::failed, "draw", options.input,
                             "no range is within the addresses asked for",
                             "leave --from and --to away to see all"});
    const HeatCaption caption{chosen->title, chosen->recording.summary.info.start_s};
    if (common.json)
        return hand_over(options.output, json_text(to_json(grid), json_on_one_line));
    if (options.format == HeatFormat::csv)
        return hand_over(options.output, heat_csv(grid));
    if (options.format == HeatFormat::svg)
        return hand_over(options.output, heat_svg(grid, caption, true));
    return hand_over(options.output, heat_text(grid, caption));
}

}  // namespace sluice
