// SPDX-License-Identifier: GPL-2.0-or-later
// docs/sensitivity.md and its figures, from what `sluice sim --json` has printed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/matrix.h"
#include "runner/svg.h"

namespace bench {

// One parameter whose values are tried, all else being as the kernel has it.
struct Parameter {
    std::string title;
    std::string option;  // of `sluice sim`: a name for --sweep, or one that begins with --
    std::vector<std::string> values;
    std::string unit;
    std::string known;  // what others have published, or what explains the figure
};

// One size that grows.
struct Scale {
    std::string title;
    std::string option;
    std::vector<std::string> values;
};

const std::vector<Parameter> &parameters();
const std::vector<Scale> &scales();

// The name of a parameter's figure, as its section refers to it.
std::string figure_name(const Parameter &parameter);

// `steady` and `shifting` have one run ({"summary": ..., "host": ...}) for each value.
std::string section_of(const Parameter &parameter, const std::vector<Json> &steady,
                       const std::vector<Json> &shifting);
BarChart figure_of(const Parameter &parameter, const std::vector<Json> &steady,
                   const std::vector<Json> &shifting);
std::string table_of(const Scale &scale, const std::vector<Json> &runs);
std::string_view sensitivity_introduction();
std::string_view scaling_introduction();

// b of the power law y = a x^b that fits best: the slope of the least-squares line through the
// logarithms. Points that are not positive are left out; 0 where fewer than two are left.
double fitted_exponent(const std::vector<double> &xs, const std::vector<double> &ys);

}  // namespace bench
