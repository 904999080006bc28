// SPDX-License-Identifier: GPL-2.0-or-later
// Where a load runs.
#pragma once

#include "sluice/result.h"

#include <sched.h>
#include <cerrno>
#include <string>

namespace sluice {

// For this thread, and those that it starts from now on.
inline Result<> stay_on_cpu(int cpu)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (::sched_setaffinity(0, sizeof(cpus), &cpus) != 0)
        return fail(os_error("stay on", "CPU " + std::to_string(cpu), errno));
    return {};
}

}  // namespace sluice
