// SPDX-License-Identifier: GPL-2.0-or-later
// What is measured: loads by policies, as matrix.json says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "harness/result.h"

namespace bench {

using Json = nlohmann::json;
using harness::Result;

struct CellLoad {
    std::string name;
    uint64_t operations = 0;
    uint64_t shift_every = 0;
    std::string image = "bench";       // what the guest has to start from: images/NAME.cpio
    std::vector<std::string> without;  // policies that this load cannot be run under
};

struct Matrix {
    std::string machine;
    std::string memory_mib;           // of the nodes: "192,640"
    std::string all_fast_memory_mib;  // for the policy that has room for everything
    std::string variant;
    std::string append;
    uint64_t load_mib = 0;
    unsigned timeout_s = 0;
    std::vector<std::string> alternatives;  // that Sluice is held against
    std::string suite;
    std::vector<std::string> policies;
    std::vector<CellLoad> loads;
    // What finding hot memory costs by itself: on a machine that has room for everything, so that
    // nothing moves.
    std::vector<std::string> tracking_policies;
    std::vector<CellLoad> tracking_loads;
};

// In front of the name of a load whose cells are about tracking.
inline constexpr char kTracking[] = "tracking/";

// A guest to run; `name` is LOAD/POLICY, or tracking/LOAD/POLICY.
struct Cell {
    std::string name;
    std::string load;
    std::string policy;
    std::string machine;
    std::string memory_mib;
    std::string variant;
    std::string append;
    std::string image;
    std::string command;
    unsigned timeout_s = 0;
};

Result<Matrix> parse_matrix(std::string_view text, const std::string &suite);
std::vector<Cell> cells_of(const Matrix &matrix);
// Everything about a cell that its result depends on, but for the files.
Json to_json(const Cell &cell);

}  // namespace bench
