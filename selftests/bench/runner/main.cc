// SPDX-License-Identifier: GPL-2.0-or-later
// bench: runs the matrix of loads and policies in guests, and writes what came out.
#include <fnmatch.h>
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "harness/files.h"
#include "harness/process.h"
#include "runner/cell_run.h"
#include "runner/document.h"
#include "runner/results.h"
#include "runner/schedule.h"

namespace {

namespace fs = std::filesystem;
using namespace bench;

struct Options {
    std::string suite = "full";
    std::string cells = "*";
    std::string output;  // directory; empty: docs
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    bool again = false;
    bool list = false;
};

int report_error(const harness::Error &error)
{
    fmt::print(stderr, "bench: {}\n", error.text());
    return 1;
}

Result<Json> read_json(const fs::path &path)
{
    const auto text = harness::read_file(path);
    if (!text)
        return tl::make_unexpected(text.error());
    Json json = Json::parse(*text, nullptr, false);
    if (json.is_discarded())
        return harness::fail("parse", path, "it is no JSON");
    return json;
}

Result<Matrix> read_matrix(const harness::Layout &layout, const std::string &suite)
{
    const auto text = harness::read_file(layout.root() / "selftests/bench/matrix.json");
    if (!text)
        return tl::make_unexpected(text.error());
    return parse_matrix(*text, suite);
}

std::vector<Cell> chosen(const Matrix &matrix, const std::string &pattern)
{
    std::vector<Cell> cells = cells_of(matrix);
    std::erase_if(cells, [&](const Cell &cell) {
        return fnmatch(pattern.c_str(), cell.name.c_str(), 0) != 0;
    });
    return cells;
}

Result<void> write_results(const harness::Layout &layout, const Matrix &matrix,
                           const Outcome &outcome, const fs::path &directory)
{
    const Json results = results_json(matrix, outcome.results, outcome.failed);
    const auto reasons = read_json(layout.root() / "selftests/bench/reasons.json");
    if (!reasons)
        return tl::make_unexpected(reasons.error());
    if (auto ok =
            harness::write_file(layout.build() / "bench/results.json", results.dump(1) + "\n");
        !ok)
        return ok;
    if (auto ok = harness::make_dirs(directory / "results"); !ok)
        return ok;
    for (const auto &[name, svg] : plots(results))
        if (auto ok = harness::write_file(directory / "results" / name, svg); !ok)
            return ok;
    return harness::write_file(directory / "results.md",
                               results_md(results, reasons->get<Reasons>()));
}

Outcome run_all(const harness::Layout &layout, const std::vector<Cell> &cells,
                const CellStore &store, const Options &options)
{
    Schedule schedule;
    schedule.at_once = std::max(1U, options.jobs);
    schedule.again = options.again;
    schedule.run = [&](const Cell &cell) { return run_cell(layout, cell, store.log_dir(cell)); };
    schedule.say = [](const std::string &line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    };
    return run_cells(cells, store, schedule);
}

// A cell asked for by itself prints its result; the document is of whole suites.
int finish(const harness::Layout &layout, const Matrix &matrix, const Outcome &outcome,
           const Options &options)
{
    if (options.cells != "*") {
        for (const auto &[name, result] : outcome.results)
            fmt::print("{}\n", result.dump(1));
        return outcome.failed.empty() && !outcome.results.empty() ? 0 : 1;
    }
    const fs::path directory =
        options.output.empty() ? layout.root() / "docs" : fs::path(options.output);
    if (auto ok = write_results(layout, matrix, outcome, directory); !ok)
        return report_error(ok.error());
    fmt::print("{}: {} cells, {} without a result\n", (directory / "results.md").string(),
               outcome.results.size(), outcome.failed.size());
    return outcome.failed.empty() ? 0 : 1;
}

int run(const Options &options)
{
    const auto layout = harness::Layout::of_this_program();
    const auto matrix = read_matrix(layout, options.suite);
    if (!matrix) {
        report_error(matrix.error());
        return 2;
    }
    const auto cells = chosen(*matrix, options.cells);
    if (cells.empty()) {
        fmt::print(stderr, "bench: no cell is called {} (see --list)\n", options.cells);
        return 2;
    }
    if (options.list) {
        for (const Cell &cell : cells)
            fmt::print("{:28} {}\n", cell.name, cell.command);
        return 0;
    }
    const auto files = files_of(layout, *matrix);
    if (!files)
        return report_error(files.error());
    const auto store = CellStore::open(layout.build() / "bench/cells", *files);
    if (!store)
        return report_error(store.error());
    harness::watch_for_interrupts();
    const Outcome outcome = run_all(layout, cells, *store, options);
    if (outcome.interrupted) {
        fmt::print(stderr, "bench: interrupted; what is finished is kept\n");
        return 130;
    }
    return finish(layout, *matrix, outcome, options);
}

}  // namespace

int main(int argc, char **argv)
{
    Options options;
    CLI::App app(
        "Runs loads under policies in guests in virtual time. Cells that are finished are kept in "
        "build/bench/cells until what they depend on changes.",
        "bench");
    app.add_option(
        "--suite", options.suite,
        "quick, full, long: few loads, four times as long; or numab: a sweep of its knobs");
    app.add_option("--cell", options.cells,
                   "LOAD/POLICY, may be a pattern: these only, results on stdout");
    app.add_option("--jobs", options.jobs, "guests at a time (default: the number of cores)");
    app.add_option("--output", options.output,
                   "directory of results.md and its plots (default: docs)");
    app.add_flag("--again", options.again, "run cells that are finished as well");
    app.add_flag("--list", options.list, "name the cells, run nothing");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return run(options);
}
