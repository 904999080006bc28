// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_json.h"

#include <fmt/format.h>
#include <iterator>

namespace sluice {

namespace {

void set_plain(Json &json, const std::string &key, const KnobValue &value)
{
    std::visit([&](const auto &plain) { json[key] = plain; }, value);
}

Json knob_json(const std::string &name, const KnobValue &value)
{
    Json json = {{"name", name}};
    set_plain(json, "value", value);
    const KnobInfo *knob = find_knob(name);
    if (!knob)
        return json;
    json["unit"] = knob->unit;
    if (knob->measured) {
        json["measured"] = true;
        return json;
    }
    set_plain(json, "default", parse_knob(knob->initial));
    if (knob->choices.empty()) {
        json["min"] = knob->min;
        json["max"] = knob->max;
        if (knob->or_zero)
            json["or_zero"] = true;
    } else {
        json["choices"] = knob->choices;
    }
    json["fixed_while_on"] = knob->fixed_while_on;
    return json;
}

}  // namespace

std::string to_text(const KnobsReport &report)
{
    std::string text = fmt::format("{:<21}{:>9} {:<8}{:>9}  {:<23} {}\n", "vm.sluice.", "value",
                                   "unit", "default", "allowed", "meaning");
    for (const auto &[name, value] : report.knobs) {
        const KnobInfo *knob = find_knob(name);
        if (!knob) {
            text += fmt::format("{:<21}{:>9}\n", name, knob_text(value));
            continue;
        }
        text += fmt::format("{:<21}{:>9} {:<8}{:>9}  {:<23} {}{}\n", name, knob_text(value),
                            knob->unit, knob->initial, bounds_text(*knob), knob->about,
                            knob->fixed_while_on ? " (only while off)" : "");
    }
    return text;
}

Json to_json(const KnobsReport &report)
{
    Json knobs = Json::array();
    for (const auto &[name, value] : report.knobs)
        knobs.push_back(knob_json(name, value));
    return {{"schema", "sluice.get/1"}, {"knobs", std::move(knobs)}};
}

std::string to_text(const SetReport &report)
{
    std::string text;
    for (const KnobChange &change : report.changed)
        text += fmt::format("vm.sluice.{} = {}\n", change.name, change.value);
    return text.empty() ? "nothing to change\n" : text;
}

Json to_json(const SetReport &report)
{
    Json changed = Json::object();
    for (const KnobChange &change : report.changed)
        set_plain(changed, change.name, parse_knob(change.value));
    return {{"schema", "sluice.set/1"}, {"changed", std::move(changed)}};
}

}  // namespace sluice
