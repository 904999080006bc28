// SPDX-License-Identifier: GPL-2.0-or-later
// Who decides where memory lies: the alternatives that are measured. All of a policy's parameters
// are values that it writes into files of the kernel, which are part of the result.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <string>
#include <string_view>
#include <vector>

namespace sluice::bench {

struct Setting {
    std::string path;
    std::string value;
};

enum class MemoryPolicy { none, interleave, slow };

struct Policy {
    std::string name;
    std::string about;
    MemoryPolicy memory = MemoryPolicy::none;
    bool oracle = false;
    bool damon = false;
    bool collector = false;         // that of the same name watches (see collector.h); memory stays
    std::vector<Setting> settings;  // in the order in which they are written
};

const std::vector<Policy> &known_policies();
const Policy *find_policy(std::string_view name);

// Puts the policy in charge of this process, and of the guest. What had to be found out for it
// (where nodes lie) is added to its settings.
Result<Policy> start(const Sysroot &root, Policy policy);
// Stops what runs in the background, so that what comes afterwards is not disturbed.
Result<> stop(const Sysroot &root, const Policy &policy);

// Two kernel threads of DAMON, one for each node: settings in the order in which they are written.
Result<std::vector<Setting>> damon_settings(const Sysroot &root);
struct Moved {
    uint64_t up_pages = 0;
    uint64_t down_pages = 0;
};
Result<Moved> damon_moved(const Sysroot &root);
Result<> damon_stop(const Sysroot &root);

}  // namespace sluice::bench
