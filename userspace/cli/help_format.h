// SPDX-License-Identifier: GPL-2.0-or-later
// How --help tells an option: what it takes, then what it means, its bounds and its default.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace sluice {

class HelpFormat : public CLI::Formatter {
public:
    std::string make_option_opts(const CLI::Option *option) const override;
    std::string make_option_desc(const CLI::Option *option) const override;
};

}  // namespace sluice
