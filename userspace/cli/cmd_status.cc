// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

namespace sluice {

int run_status(const CommonOptions &common, const StatusOptions &options)
{
    if (options.pid != 0) {
        const auto process = collect_process(Sysroot(common.sysroot), options.pid);
        if (!process)
            return report_error(process.error());
        print_report(common, *process);
        return 0;
    }
    const auto report = collect_status(Sysroot(common.sysroot));
    if (!report)
        return report_error(report.error());
    print_report(common, *report);
    return 0;
}

}  // namespace sluice
