// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/knobs.h"

#include "sluice/kernel_log.h"
#include "sluice/text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>

namespace sluice {

namespace {

constexpr std::string_view directory = "/proc/sys/vm/sluice";
constexpr std::string_view prefix = "vm.sluice.";

std::string path_of(std::string_view name)
{
    return fmt::format("{}/{}", directory, name);
}

Error refused(std::string_view name, std::string reason, std::string hint)
{
    return Error{Code::usage, "set", fmt::format("{}{}", prefix, name), std::move(reason),
                 std::move(hint)};
}

Result<> check_value(const KnobInfo &knob, std::string_view value)
{
    if (knob.measured)
        return fail(refused(knob.name, "it is measured, not set", "sluice get shows it"));
    if (!knob.choices.empty()) {
        if (std::find(knob.choices.begin(), knob.choices.end(), value) != knob.choices.end())
            return {};
    } else if (const auto number = parse_number(value);
               number &&
               ((*number >= knob.min && *number <= knob.max) || (knob.or_zero && *number == 0))) {
        return {};
    }
    return fail(refused(knob.name, fmt::format("{} is not allowed", value),
                        fmt::format("allowed: {}{}", bounds_text(knob),
                                    knob.unit.empty() ? "" : fmt::format(", in {}", knob.unit))));
}

// Off first, on last: what is fixed while on can be changed in between.
int order_of(const KnobChange &change)
{
    if (change.name != "enabled")
        return 1;
    return change.value == "0" ? 0 : 2;
}

Result<> check_changes(const Knobs &now, const std::vector<KnobChange> &changes)
{
    const bool stays_on = is_enabled(now) && (changes.empty() || order_of(changes.front()) != 0);
    for (size_t i = 0; i < changes.size(); ++i) {
        const KnobChange &change = changes[i];
        const auto same = [&](const KnobChange &other) { return other.name == change.name; };
        if (std::any_of(changes.begin(), changes.begin() + static_cast<long>(i), same))
            return fail(refused(change.name, "it is given twice", "give it once"));
        const auto old = now.find(change.name);
        if (old == now.end())
            return fail(refused(change.name, "there is no such knob", "sluice get lists them"));
        const KnobInfo *knob = find_knob(change.name);
        if (!knob)
            continue;
        if (auto good = check_value(*knob, change.value); !good)
            return good;
        if (knob->fixed_while_on && stays_on && old->second != parse_knob(change.value)) {
            Error error = refused(change.name, "it can only change while vm.sluice.enabled is 0",
                                  fmt::format("sluice set enabled=0 {}={}; then sluice set "
                                              "enabled=1",
                                              change.name, change.value));
            error.code = Code::failed;
            return fail(error);
        }
    }
    return {};
}

// Backwards; says which could not be taken back.
std::string take_back(const Sysroot &root, const Knobs &old, const std::vector<KnobChange> &done)
{
    std::vector<std::string> stuck;
    for (auto change = done.rbegin(); change != done.rend(); ++change)
        if (!root.write(path_of(change->name), knob_text(old.at(change->name))))
            stuck.push_back(change->name);
    return stuck.empty() ? "" : fmt::format("; not taken back: {}", fmt::join(stuck, ", "));
}

}  // namespace

const std::vector<KnobInfo> &known_knobs()
{
    static const std::vector<KnobInfo> knobs = {
        {"buffer_kb", "KiB", 16, 64, "64", true, "each CPU's buffer of samples"},
        {"enabled", "", 0, 1, "0", false, "1: sample and move; 0: stop at once"},
        {"epoch_ms", "ms", 10, 60000, "500", false, "time between two looks at the samples"},
        {"load_latency_cycles", "cycles", 3, 65535, "64", true, "shortest load that counts"},
        {"manage", "", 0, 0, "all", false, "which processes", {"all", "opt-in"}},
        {"min_range_kb", "KiB", 4, 1048576, "2048", false, "ranges are not split below this"},
        {"min_rss_kb", "KiB", 0, 1073741824, "16384", false, "smaller processes are left alone"},
        {"move_cost_ns",
         "ns",
         0,
         20000,
         "",
         false,
         "what moving a page costs, as measured",
         {},
         false,
         true},
        {"relocate_mbps", "MiB/s", 0, 1048576, "1024", false, "memory moved at most; 0: no bound"},
        {"sample_period", "loads", 127, 1000003, "4093", true, "loads for each sample"},
        {"sample_stores",
         "stores",
         127,
         1000000007,
         "0",
         true,
         "stores for each sample; 0: none",
         {},
         true},
        {"split_threshold", "samples", 1, 1000000, "15", false, "ranges with so few stay whole"},
    };
    return knobs;
}

const KnobInfo *find_knob(std::string_view name)
{
    const auto &knobs = known_knobs();
    const auto found = std::find_if(knobs.begin(), knobs.end(),
                                    [&](const KnobInfo &knob) { return knob.name == name; });
    return found == knobs.end() ? nullptr : &*found;
}

std::string bounds_text(const KnobInfo &knob)
{
    if (knob.measured)
        return "(read only)";
    return knob.choices.empty()
               ? fmt::format("{}{} to {}", knob.or_zero ? "0 or " : "", knob.min, knob.max)
               : fmt::format("{}", fmt::join(knob.choices, ", "));
}

KnobValue parse_knob(std::string_view text)
{
    const std::string_view value = trim(text);
    if (const auto number = parse_number(value))
        return *number;
    return std::string(value);
}

std::string knob_text(const KnobValue &value)
{
    if (const auto *number = std::get_if<uint64_t>(&value))
        return std::to_string(*number);
    return std::get<std::string>(value);
}

Result<Knobs> read_knobs(const Sysroot &root)
{
    const auto names = root.list(directory);
    if (!names) {
        Error error = names.error();
        error.code = Code::missing;
        error.hint = "boot a kernel built with CONFIG_SLUICE=y; sluice doctor says what else";
        return fail(error);
    }
    Knobs knobs;
    for (const std::string &name : *names) {
        const auto text = root.read(path_of(name));
        if (!text)
            return propagate(text);
        knobs.emplace(name, parse_knob(*text));
    }
    return knobs;
}

// The kernel's log has the reason, if it may be read.
Result<> write_knob(const Sysroot &root, std::string_view name, std::string_view value)
{
    auto written = root.write(path_of(name), value);
    if (written)
        return written;
    Error error = written.error();
    const auto log = read_kernel_log(root);
    const std::string why = log ? last_message(*log, "sluice: ") : "";
    if (!why.empty() && error.hint.empty())
        error.hint = "the kernel says: " + why;
    else if (error.hint.empty())
        error.hint = "the kernel's log (dmesg) says why";
    return fail(error);
}

bool is_enabled(const Knobs &knobs)
{
    const auto found = knobs.find("enabled");
    return found != knobs.end() && found->second == KnobValue{uint64_t{1}};
}

Result<KnobChange> parse_change(std::string_view text)
{
    const size_t equals = text.find('=');
    KnobChange change{std::string(trim(text.substr(0, equals))), ""};
    if (equals != std::string_view::npos)
        change.value = trim(text.substr(equals + 1));
    if (change.name.starts_with(prefix))
        change.name.erase(0, prefix.size());
    if (change.name.empty() || change.value.empty())
        return fail(Error{Code::usage, "understand", std::string(text), "it is not NAME=VALUE",
                          "for example: sluice set epoch_ms=500"});
    return change;
}

Result<std::vector<KnobChange>> set_knobs(const Sysroot &root, std::vector<KnobChange> changes)
{
    const auto old = read_knobs(root);
    if (!old)
        return propagate(old);
    std::stable_sort(changes.begin(), changes.end(),
                     [](const auto &a, const auto &b) { return order_of(a) < order_of(b); });
    if (const auto good = check_changes(*old, changes); !good)
        return propagate(good);
    std::vector<KnobChange> done;
    for (const KnobChange &change : changes) {
        if (old->at(change.name) == parse_knob(change.value))
            continue;
        if (const auto written = write_knob(root, change.name, change.value); !written) {
            Error error = written.error();
            error.reason += take_back(root, *old, done);
            return fail(error);
        }
        done.push_back(change);
    }
    return done;
}

}  // namespace sluice
