// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/help_format.h"

#include <fmt/format.h>
#include <cstdlib>
#include <string_view>

namespace sluice {

namespace {

std::string_view before(std::string_view text, std::string_view mark)
{
    return text.substr(0, text.find(mark));
}

// CLI11 writes a million as 1e+06.
std::string number(std::string_view text)
{
    return fmt::format("{:.15g}", std::strtod(std::string(text).c_str(), nullptr));
}

// Of "INT:INT in [1 - 65535]", as CLI11 describes type and bounds: "1 to 65535".
std::string bounds(const std::string &type)
{
    constexpr std::string_view opening = " in [", middle = " - ";
    const size_t at = type.find(opening);
    if (at == std::string::npos)
        return "";
    const std::string_view both = before(std::string_view(type).substr(at + opening.size()), "]");
    const std::string_view low = before(both, middle);
    if (low.size() + middle.size() >= both.size())
        return "";
    return number(low) + " to " + number(both.substr(low.size() + middle.size()));
}

std::string kind(const std::string &type)
{
    const std::string_view name = before(type, ":");
    return name == "INT" || name == "UINT" || name == "FLOAT" ? "NUMBER" : std::string(name);
}

std::string names(const std::set<CLI::Option *> &options)
{
    std::string list;
    for (const CLI::Option *option : options)
        list += (list.empty() ? "" : ", ") + option->get_name();
    return list;
}

}  // namespace

std::string HelpFormat::make_option_opts(const CLI::Option *option) const
{
    if (option->get_type_size() == 0)
        return "";
    const std::string type = kind(option->get_type_name());
    std::string text = type.empty() ? "" : " " + type;
    if (option->get_expected_max() == CLI::detail::expected_max_vector_size)
        text += " ...";
    if (option->get_required())
        text += " REQUIRED";
    return text;
}

std::string HelpFormat::make_option_desc(const CLI::Option *option) const
{
    std::string facts;
    const auto add = [&facts](const std::string &what, const std::string &fact) {
        if (!fact.empty())
            facts += (facts.empty() ? "" : "; ") + what + fact;
    };
    if (option->get_type_size() != 0) {
        add("", bounds(option->get_type_name()));
        add("default ", option->get_default_str());
    }
    add("not with ", names(option->get_excludes()));
    add("only with ", names(option->get_needs()));
    return option->get_description() + (facts.empty() ? "" : " [" + facts + "]");
}

}  // namespace sluice
