// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

#include <fmt/format.h>
#include <unistd.h>
#include <chrono>
#include <cstdlib>

namespace sluice {

namespace {

constexpr const char *clear_screen = "\033[H\033[2J";

// One JSON object a line, so that a reader need not wait for the end.
void print_frame(const TopReport &report, bool json, bool redraw)
{
    if (json)
        fmt::print("{}", json_text(to_json(report), json_on_one_line));
    else
        fmt::print("{}{}{}", redraw ? clear_screen : "", to_text(report), redraw ? "" : "\n");
    std::fflush(stdout);
}

}  // namespace

int run_top(const CommonOptions &common, const TopOptions &options)
{
    const Sysroot root(common.sysroot);
    const bool redraw =
        !common.json && ::isatty(STDOUT_FILENO) && std::getenv("NO_COLOR") == nullptr;
    catch_interrupts();
    auto before = collect_status(root);
    if (!before)
        return report_error(before.error());
    auto before_time = Clock::now();
    for (uint64_t i = 0; options.iterations == 0 || i < options.iterations; ++i) {
        pause_for(options.seconds);
        if (interrupted())
            return static_cast<int>(Code::interrupted);
        auto now = collect_status(root);
        if (!now)
            return report_error(now.error());
        const auto now_time = Clock::now();
        const std::chrono::duration<double> elapsed = now_time - before_time;
        print_frame(compare(*before, *now, elapsed.count()), common.json, redraw);
        before = std::move(now);
        before_time = now_time;
    }
    return 0;
}

}  // namespace sluice
