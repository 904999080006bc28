// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

namespace sluice {

namespace {

// Those asked for, or all.
Result<Knobs> select(const Knobs &knobs, const std::vector<std::string> &names)
{
    if (names.empty())
        return knobs;
    Knobs selected;
    for (std::string name : names) {
        if (name.starts_with("vm.sluice."))
            name.erase(0, std::string_view("vm.sluice.").size());
        const auto found = knobs.find(name);
        if (found == knobs.end())
            return fail(Error{Code::usage, "get", "vm.sluice." + name, "there is no such knob",
                              "sluice get lists them"});
        selected.insert(*found);
    }
    return selected;
}

}  // namespace

int run_get(const CommonOptions &common, const GetOptions &options)
{
    const auto knobs = read_knobs(Sysroot(common.sysroot));
    if (!knobs)
        return report_error(knobs.error());
    const auto selected = select(*knobs, options.names);
    if (!selected)
        return report_error(selected.error());
    print_report(common, KnobsReport{*selected});
    return 0;
}

int run_set(const CommonOptions &common, const SetOptions &options)
{
    std::vector<KnobChange> changes;
    for (const std::string &text : options.changes) {
        auto change = parse_change(text);
        if (!change)
            return report_error(change.error());
        changes.push_back(std::move(*change));
    }
    const auto done = set_knobs(Sysroot(common.sysroot), std::move(changes));
    if (!done)
        return report_error(done.error());
    print_report(common, SetReport{*done});
    return 0;
}

}  // namespace sluice
