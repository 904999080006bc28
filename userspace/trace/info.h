// SPDX-License-Identifier: GPL-2.0-or-later
// What a recording says about itself: where it was made, with which knobs.
#pragma once

#include "sluice/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sluice::trace {

struct Info {
    std::string source = "kernel";  // or "sim"
    std::string release;            // of the kernel
    std::string command;            // what was recorded
    uint64_t pid = 0;               // the only process recorded; 0: all, or those of `command`
    uint64_t start_s = 0;           // since 1970
    uint64_t page_bytes = 4096;
    std::map<std::string, uint64_t> knobs;      // vm.sluice.*, numbers only
    std::map<std::string, uint64_t> node_tier;  // node number: tier, 0 is the fastest

    // Words for numbers, as the kernel's formats have them: "drain.cause" -> 0 -> "switch".
    std::map<std::string, std::map<std::string, std::string>> words;

    std::string word(const std::string &field, uint64_t value) const;
    // The tier of a node; without a word on it: 0 for node 0, 1 for others.
    uint64_t tier_of(uint64_t node) const;
    uint64_t knob(const std::string &name, uint64_t otherwise) const;
};

std::string to_json_text(const Info &info);
Result<Info> parse_info(std::string_view text);

}  // namespace sluice::trace
