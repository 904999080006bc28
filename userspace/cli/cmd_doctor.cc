// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

namespace sluice {

int run_doctor(const CommonOptions &common)
{
    const Diagnosis diagnosis = diagnose(Sysroot(common.sysroot));
    print_report(common, diagnosis);
    return diagnosis.missing().empty() ? 0 : static_cast<int>(Code::missing);
}

}  // namespace sluice
