// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"
#include "sluice/metrics.h"
#include "sluice/output_file.h"

namespace sluice {

int run_metrics(const CommonOptions &common, const MetricsOptions &options)
{
    const auto report = collect_status(Sysroot(common.sysroot));
    if (!report)
        return report_error(report.error());
    const std::string text = common.json ? json_text(to_json(*report))
                                         : open_metrics(report->knobs, report->tiers,
                                                        report->processes, report->counters);
    if (options.output.empty()) {
        fmt::print("{}", text);
        return 0;
    }
    const auto written = write_atomically(options.output, text);
    return written ? 0 : report_error(written.error());
}

}  // namespace sluice
