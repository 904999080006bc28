// SPDX-License-Identifier: GPL-2.0-or-later
// The placement that nothing can beat under the same capacity: the hottest pages in the fast node,
// by hand.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"
#include "workload/load.h"

namespace sluice::bench {

struct Placement {
    uint64_t capacity_pages = 0;  // of the fast node, for the load
    uint64_t moved_pages = 0;
};

// Which pages belong into the fast node: the hottest, of equally hot ones those that are there
// already.
std::vector<bool> choose_pages(const std::vector<uint32_t> &heat, const std::vector<int> &nodes,
                               uint64_t capacity);

Result<Placement> place_by_hand(const Sysroot &root, Load &load, uint64_t profile_operations);

}  // namespace sluice::bench
