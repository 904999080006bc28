// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

#include <fmt/format.h>

namespace sluice {

int run_status(const CommonOptions &common)
{
    const auto report = collect_status(Sysroot(common.sysroot));
    if (!report)
        return report_error(report.error());
    fmt::print("{}", common.json ? to_json(*report).dump(2) + "\n" : to_text(*report));
    return 0;
}

}  // namespace sluice
