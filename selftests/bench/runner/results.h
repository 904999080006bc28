// SPDX-License-Identifier: GPL-2.0-or-later
// From cells to figures: each policy's throughput beside first touch and the oracle, and what it
// cost.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "runner/matrix.h"

namespace bench {

// Operations per second of virtual time, of the whole run or of its second half.
double throughput(const Json &cell);
double settled_throughput(const Json &cell);
// Share of the misses that the fast tier served, 0 to 1.
double hit_ratio(const Json &cell);
double settled_hit_ratio(const Json &cell);

// Seconds from the start, and from each shift on, until the hit ratio of a point of the timeline is
// 90 % of `best` for the first time; the mean of them. None if it ever was not.
std::optional<double> time_to_90(const Json &cell, double best);

// (own - first touch) / (oracle - first touch); none where they hardly differ.
std::optional<double> gap_closed(double own, double first_touch, double oracle);

// None of nothing.
std::optional<double> geometric_mean(const std::vector<double> &values);

// results.json, schema sluice.bench/1: every cell, and the figures of every load. Cells that failed
// are left out and named.
Json results_json(const Matrix &matrix, const std::map<std::string, Json> &cells,
                  const std::map<std::string, std::string> &failed);

}  // namespace bench
