// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/matrix.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bench {

namespace {

CellLoad load_of(const Json &json)
{
    return {.name = json.at("name"),
            .operations = json.at("operations"),
            .shift_every = json.value("shift_every", uint64_t{0}),
            .image = json.value("image", "bench"),
            .without = json.value("without", std::vector<std::string>{})};
}

Matrix matrix_of(const Json &json, const std::string &suite)
{
    Matrix m;
    m.machine = json.at("machine");
    m.memory_mib = json.at("memory_mib");
    m.all_fast_memory_mib = json.at("all_fast_memory_mib");
    m.variant = json.at("variant");
    m.append = json.at("append");
    m.load_mib = json.at("load_mib");
    m.timeout_s = json.at("timeout_s");
    m.alternatives = json.at("alternatives");
    m.suite = suite;
    const Json &chosen = json.at("suites").at(suite);
    m.policies = chosen.at("policies");
    for (const Json &load : chosen.at("loads"))
        m.loads.push_back(load_of(load));
    const Json &tracking = chosen.at("tracking");
    m.tracking_policies = tracking.at("policies");
    for (const Json &load : tracking.at("loads"))
        m.tracking_loads.push_back(load_of(load));
    return m;
}

std::string command_of(const Matrix &m, const CellLoad &load, const std::string &policy)
{
    std::string command = fmt::format("sluice-bench cell {} {} --mib {} --operations {}", load.name,
                                      policy, m.load_mib, load.operations);
    if (load.shift_every)
        command += fmt::format(" --shift-every {}", load.shift_every);
    return command;
}

Cell cell_of(const Matrix &m, const CellLoad &load, const std::string &policy, bool tracking)
{
    const std::string name = (tracking ? kTracking : "") + load.name;
    const bool all_fast = tracking || policy == "all-fast";
    return {.name = name + "/" + policy,
            .load = name,
            .policy = policy,
            .machine = m.machine,
            .memory_mib = all_fast ? m.all_fast_memory_mib : m.memory_mib,
            .variant = m.variant,
            .append = m.append,
            .image = load.image,
            .command = command_of(m, load, policy),
            .timeout_s = m.timeout_s};
}

std::string names_of(const Json &object)
{
    std::vector<std::string> names;
    for (const auto &[name, value] : object.items())
        names.push_back(name);
    return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Result<Matrix> parse_matrix(std::string_view text, const std::string &suite)
{
    try {
        const Json json = Json::parse(text);
        if (!json.at("suites").contains(suite))
            return harness::fail("choose", "suite '" + suite + "'", "it is not in the matrix",
                                 "there are " + names_of(json.at("suites")));
        return matrix_of(json, suite);
    } catch (const Json::exception &error) {
        return harness::fail("read", "the matrix of suite '" + suite + "'", error.what());
    }
}

std::vector<Cell> cells_of(const Matrix &m)
{
    std::vector<Cell> cells;
    for (const CellLoad &load : m.loads)
        for (const std::string &policy : m.policies)
            if (std::ranges::count(load.without, policy) == 0)
                cells.push_back(cell_of(m, load, policy, false));
    for (const CellLoad &load : m.tracking_loads)
        for (const std::string &policy : m.tracking_policies)
            cells.push_back(cell_of(m, load, policy, true));
    return cells;
}

Json to_json(const Cell &cell)
{
    return {{"name", cell.name},       {"machine", cell.machine}, {"memory_mib", cell.memory_mib},
            {"variant", cell.variant}, {"append", cell.append},   {"image", cell.image},
            {"command", cell.command}};
}

}  // namespace bench
