// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/read_everything.h"

#include <zstd.h>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/output_recording.h"
#include "cli/output_sim.h"
#include "picture/heat_svg.h"
#include "picture/html_report.h"
#include "sim/replay.h"
#include "trace/data_format.h"
#include "trace/describe.h"

namespace sluice {

namespace {

void put_block(std::string_view plain, uint32_t records, std::string &out)
{
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 1));
    out += trace::block_magic;
    trace::put_u32(out, static_cast<uint32_t>(packed.size()));
    trace::put_u32(out, static_cast<uint32_t>(plain.size()));
    trace::put_u32(out, records);
    out += packed;
}

void show(const trace::Recording &recording, const trace::ProcessRecord &process)
{
    const std::string title = trace::title_of(recording, process);
    const trace::ProcessFigures figures = trace::figures_of(process, recording.summary.info);
    (void)to_text(recording, figures, title);
    (void)json_text(to_json(recording, figures));
    for (const HeatOptions &options : {HeatOptions{}, HeatOptions{1, 1, 0, ~uint64_t{0}}}) {
        const HeatGrid grid = make_heat_grid(process, recording.first_ns, options);
        (void)json_text(to_json(grid));
        if (grid.rows.empty())
            continue;
        (void)heat_text(grid, {title, 0});
        (void)heat_csv(grid);
        (void)heat_svg(grid, {title, 0}, true);
    }
    (void)html_report(recording, process);
    if (const auto again = replay(recording, process)) {
        (void)to_text(*again);
        (void)json_text(to_json(*again));
    }
}

}  // namespace

std::string recording_of(const trace::Info &info, std::string_view plain)
{
    const std::string text = trace::to_json_text(info);
    std::string file(trace::file_magic);
    trace::put_u32(file, trace::file_version);
    trace::put_u32(file, static_cast<uint32_t>(text.size()));
    file += text;
    plain = plain.substr(0, trace::most_block_plain_bytes);
    trace::CodecState state;
    trace::Timed timed;
    uint32_t records = 0;
    std::string_view rest = plain, good = plain;
    for (; !rest.empty(); ++records) {
        good = rest;
        if (decode(state, rest, timed) == trace::Decoded::malformed)
            break;
        good = rest;
    }
    put_block(plain.substr(0, plain.size() - good.size()), records, file);
    return file;
}

std::string plain_events_of(std::string_view file)
{
    std::string plain;
    trace::CodecState state;
    (void)trace::read_data(file, "a recording",
                           [&](const trace::Timed &timed) { encode(state, timed, plain); });
    return plain;
}

size_t read_everything(std::string_view file)
{
    trace::RecordingBuilder builder;
    auto summary = trace::read_data(file, "a recording",
                                    [&](const trace::Timed &timed) { builder.add(timed); });
    if (!summary)
        return 0;
    const trace::Recording recording = builder.finish(std::move(*summary));
    (void)trace::warning_of(recording);
    (void)trace::origin_of(recording);
    (void)trace::choose_process(recording, 0);
    // A recording may claim thousands; each way through is gone with a few.
    size_t shown = 0;
    for (const auto &[pid, process] : recording.processes)
        if (shown++ < 4)
            show(recording, process);
    return recording.processes.size();
}

}  // namespace sluice
