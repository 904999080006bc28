// SPDX-License-Identifier: GPL-2.0-or-later
// Which processes a recording is about, and what they are called.
#pragma once

#include "sluice/sysroot.h"
#include "trace/event.h"

#include <map>
#include <optional>

namespace sluice::trace {

class ProcessFilter {
public:
    // only: this process alone. family: this one and its descendants. Both 0: all.
    ProcessFilter(const Sysroot &root, uint64_t only, uint64_t family)
        : root_(root), only_(only), family_(family)
    {
    }

    bool wants(uint64_t pid);
    // Said once about each process that is wanted.
    std::optional<Process> introduce(uint64_t pid);

private:
    bool descends(uint64_t pid) const;

    const Sysroot &root_;
    uint64_t only_;
    uint64_t family_;
    std::map<uint64_t, bool> known_;
    std::map<uint64_t, bool> introduced_;
};

// The parent in the text of /proc/PID/stat; 0: none.
uint64_t parent_in_stat(std::string_view stat);

}  // namespace sluice::trace
