// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands_trace.h"
#include "cli/output_recording.h"
#include "cli/units.h"
#include "sluice/knobs.h"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace sluice {

namespace {

void show_progress(const trace::RecordProgress &progress)
{
    fmt::print(stderr, "\r\033[K{:.0f} s: {} samples, {} events, {}, {} lost", progress.seconds,
               progress.samples, progress.events, human_bytes(progress.bytes), progress.lost);
    std::fflush(stderr);
}

void show_result(const trace::RecordConfig &config, const trace::RecordResult &result)
{
    fmt::print("recorded {} samples and {} other events in {:.1f} s to {} ({})\n",
               result.last.samples, result.last.events - result.last.samples, result.last.seconds,
               config.output, human_bytes(result.last.bytes));
    fmt::print("events lost, because a trace buffer was full: {}{}\n", result.last.lost,
               result.last.lost ? "; a larger --buffer-kib helps" : "");
}

void warn_if_disabled(const Sysroot &root)
{
    const auto knobs = read_knobs(root);
    if (knobs && !is_enabled(*knobs))
        fmt::print(stderr,
                   "sluice: vm.sluice.enabled is 0: nothing will happen that could be "
                   "recorded (sluice set enabled=1)\n");
}

}  // namespace

int run_record(const CommonOptions &common, const trace::RecordConfig &config)
{
    const Sysroot root(common.sysroot);
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    catch_interrupts();
    warn_if_disabled(root);
    const auto result =
        trace::record(root, config, interrupted, [&](const trace::RecordProgress &progress) {
            if (terminal)
                show_progress(progress);
        });
    if (terminal)
        fmt::print(stderr, "\r\033[K");
    if (!result)
        return report_error(result.error());
    if (common.json)
        fmt::print("{}", json_text(to_json(config, *result)));
    else
        show_result(config, *result);
    if (result->killed)
        fmt::print(stderr, "sluice: {} did not end within {} s of SIGTERM, and was killed\n",
                   config.command[0], config.patience_s);
    if (result->stopped)
        return static_cast<int>(Code::interrupted);
    if (result->child_status != 0 && !result->asked) {
        fmt::print(stderr, "sluice: {} ended with status {}\n", config.command[0],
                   result->child_status);
        return static_cast<int>(Code::failed);
    }
    return 0;
}

}  // namespace sluice
