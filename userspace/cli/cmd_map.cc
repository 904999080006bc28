// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

namespace sluice {

int run_map(const CommonOptions &common, int pid)
{
    const auto report = collect_map(Sysroot(common.sysroot), pid);
    if (!report)
        return report_error(report.error());
    print_report(common, *report);
    return 0;
}

}  // namespace sluice
