// SPDX-License-Identifier: GPL-2.0-or-later
// The sysctls under /proc/sys/vm/sluice.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice {

using KnobValue = std::variant<uint64_t, std::string>;
using Knobs = std::map<std::string, KnobValue, std::less<>>;

// What a knob may be set to. A knob with choices is a word, any other a number.
struct KnobInfo {
    std::string_view name;
    std::string_view unit;
    uint64_t min;
    uint64_t max;
    std::string_view initial;
    bool fixed_while_on;  // only changes while vm.sluice.enabled is 0
    std::string_view about;
    std::vector<std::string_view> choices = {};
    bool or_zero = false;   // 0, too, though it is below min: not at all
    bool measured = false;  // tells something, cannot be set
};

const std::vector<KnobInfo> &known_knobs();
const KnobInfo *find_knob(std::string_view name);  // nullptr: not known, maybe newer than we are
std::string bounds_text(const KnobInfo &knob);     // "127 to 1000003"

KnobValue parse_knob(std::string_view text);  // a number where it is one
std::string knob_text(const KnobValue &value);
Result<Knobs> read_knobs(const Sysroot &root);
Result<> write_knob(const Sysroot &root, std::string_view name, std::string_view value);
bool is_enabled(const Knobs &knobs);

struct KnobChange {
    std::string name;
    std::string value;
};

// "NAME=VALUE", with or without "vm.sluice." in front.
Result<KnobChange> parse_change(std::string_view text);

// All of the changes or none: everything that can be refused without asking the kernel is refused
// first, and if the kernel refuses one, those before it are taken back. Switching off comes first
// and switching on last, whatever the order. Returns what has changed.
Result<std::vector<KnobChange>> set_knobs(const Sysroot &root, std::vector<KnobChange> changes);

}  // namespace sluice
