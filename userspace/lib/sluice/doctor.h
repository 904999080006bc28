// SPDX-License-Identifier: GPL-2.0-or-later
// Can Sluice run here, does it, and what stands in its way? Works on any kernel.
#pragma once

#include "sluice/sysroot.h"

#include <string>
#include <vector>

namespace sluice {

enum class Verdict { yes, no, unknown };

struct Check {
    std::string id;        // stable, for scripts
    std::string question;  // yes is good
    bool needed = false;   // without it, Sluice cannot run
    Verdict verdict = Verdict::unknown;
    std::string reason;  // what was found
    std::string fix;     // what to do about it; empty if nothing has to be done
};

struct Diagnosis {
    std::string kernel;  // release, as uname -r has it
    std::string cpu;
    std::vector<Check> checks;

    // Needed, and not known to be there.
    std::vector<const Check *> missing() const;
    const Check *find(std::string_view id) const;
};

Diagnosis diagnose(const Sysroot &root);

}  // namespace sluice
