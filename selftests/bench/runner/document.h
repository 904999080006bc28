// SPDX-License-Identifier: GPL-2.0-or-later
// docs/results.md and its plots, from results.json alone.
#pragma once

#include <map>
#include <string>

#include "runner/matrix.h"

namespace bench {

// Why a load does badly, by its name: what people have found out.
using Reasons = std::map<std::string, std::string>;

std::string results_md(const Json &results, const Reasons &reasons);
// SVG by file name, as results.md refers to them.
std::map<std::string, std::string> plots(const Json &results);

// A table in Markdown.
std::string table(const std::vector<std::string> &head,
                  const std::vector<std::vector<std::string>> &rows);

}  // namespace bench
