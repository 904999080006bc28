// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/describe.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace sluice::trace {

std::string title_of(const Recording &recording, const ProcessRecord &process)
{
    const double seconds = static_cast<double>(recording.last_ns - recording.first_ns) / 1e9;
    return fmt::format("{} (pid {}), {} epochs in {:.1f} s",
                       process.about.comm.empty() ? "process" : process.about.comm,
                       process.about.pid, process.epochs.size(), seconds);
}

std::string origin_of(const Recording &recording)
{
    const Info &info = recording.summary.info;
    std::string text = info.source == "sim" ? "simulated" : "Linux " + info.release;
    if (!info.command.empty())
        text += ", " + info.command;
    // Years of four digits are what a calendar can show.
    if (info.start_s != 0 && info.start_s < uint64_t{253'402'300'800})
        text += fmt::format(", {:%Y-%m-%d %H:%M:%S} UTC",
                            fmt::gmtime(static_cast<time_t>(info.start_s)));
    for (const char *knob : {"sample_period", "load_latency_cycles", "epoch_ms"})
        if (info.knobs.contains(knob))
            text += fmt::format(", {} {}", knob, info.knobs.at(knob));
    return text;
}

std::string warning_of(const Recording &recording)
{
    std::string text = damage_text(recording.summary);
    if (recording.implausible != 0)
        text += fmt::format("{}{} events make no sense, and were left out",
                            text.empty() ? "" : "; ", recording.implausible);
    if (recording.lost != 0)
        text += fmt::format(
            "{}{} events were lost: the trace buffer was full (record with a "
            "larger --buffer-kib)",
            text.empty() ? "" : "; ", recording.lost);
    return text.empty() ? text : "This recording is not whole: " + text + ".";
}

}  // namespace sluice::trace
