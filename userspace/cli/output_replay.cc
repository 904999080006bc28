// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_sim.h"

#include <fmt/format.h>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

namespace sluice {

std::string to_text(const ReplayResult &result)
{
    std::string text;
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "replay: process {}, {} epochs, {} samples\n", result.pid, result.epochs,
                   result.samples);
    fmt::format_to(
        out,
        "splits: {} here, {} in the kernel; merges: {} here, {} in the kernel; {} epochs "
        "differ\n",
        result.splits, result.splits_recorded, result.merges, result.merges_recorded,
        result.epochs_with_other_splits);
    fmt::format_to(out, "ranges (bounds, counts, ages): {} compared; {} epochs differ\n",
                   result.ranges, result.epochs_with_other_ranges);
    fmt::format_to(out,
                   "ranking: {} placements compared, {} by another density; {} epochs in another "
                   "order\n",
                   result.placements, result.other_placements, result.epochs_with_other_ranking);
    fmt::format_to(out, "classification took {:.0f} ns per sample here\n", result.classify_ns);
    for (const std::string &difference : result.differences)
        fmt::format_to(out, "  {}\n", difference);
    return text + (result.same() ? "the kernel and this program decide the same\n"
                                 : "the kernel and this program do not decide the same\n");
}

nlohmann::json to_json(const ReplayResult &result)
{
    return {{"schema", "sluice.sim.replay/1"},
            {"pid", result.pid},
            {"epochs", result.epochs},
            {"samples", result.samples},
            {"ranges", result.ranges},
            {"splits", result.splits},
            {"splits_recorded", result.splits_recorded},
            {"merges", result.merges},
            {"merges_recorded", result.merges_recorded},
            {"epochs_with_other_splits", result.epochs_with_other_splits},
            {"epochs_with_other_ranges", result.epochs_with_other_ranges},
            {"epochs_with_other_ranking", result.epochs_with_other_ranking},
            {"placements", result.placements},
            {"other_placements", result.other_placements},
            {"differences", result.differences},
            {"same", result.same()},
            {"host", {{"classify_ps_per_sample", std::llround(1000 * result.classify_ns)}}}};
}

}  // namespace sluice
