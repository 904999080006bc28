// SPDX-License-Identifier: GPL-2.0-or-later
// The mappings of a process, and on which node one of its pages lies.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

struct Mapping {
    uint64_t start = 0;
    uint64_t end = 0;
    std::string permissions;  // "rw-p"
    std::string name;         // "[heap]", a path, or empty: anonymous
    uint64_t resident_bytes = 0;
    std::set<std::string, std::less<>> flags;  // of VmFlags, such as "lo" (locked)

    uint64_t size() const { return end - start; }
    // Why Sluice leaves all of this mapping alone; empty if it does not.
    std::string not_managed_because() const;
};

Result<std::vector<Mapping>> parse_smaps(std::string_view text);
Result<std::vector<Mapping>> read_mappings(const Sysroot &root, int pid);
const Mapping *mapping_at(const std::vector<Mapping> &mappings, uint64_t address);

// Asks the running kernel (move_pages(2) with nowhere to go): no value for a page that is not in
// memory.
Result<std::optional<int>> node_of_page(int pid, uint64_t address);

}  // namespace sluice
