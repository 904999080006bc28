// SPDX-License-Identifier: GPL-2.0-or-later
#include "demo/summary.h"

#include <fmt/format.h>

#include <functional>
#include <iterator>

#include "sluice/sysroot.h"
#include "sluice/text.h"

namespace sluice {

namespace {

constexpr double promised_ratio = 1.5;

const Json *find_run(const std::vector<Json> &runs, std::string_view name)
{
    for (const Json &run : runs)
        if (run.at("name") == name)
            return &run;
    return nullptr;
}

// Of what a run found out, the part that people compare.
Json summary_of(const Json &run)
{
    Json json;
    for (const char *key :
         {"load", "mode", "sluice", "fast_tier_hit_ratio", "throughput_ops", "pages_promoted",
          "pages_demoted", "pages_migrated", "samples", "pmis", "context_switches", "drains",
          "corrupt_bytes", "knobs", "transparent_hugepages", "server"})
        if (run.contains(key))
            json[key] = run[key];
    json["samples"]["drained"] = json["samples"]["records"];
    json["samples"].erase("records");
    json["samples"]["written"] = run.value("records_written", Json());
    return json;
}

// Sluice over first touch, of one mode of the key-value load.
Json ratio_of(const std::vector<Json> &runs, const std::string &mode)
{
    const Json *with = find_run(runs, mode + "-sluice");
    const Json *without = find_run(runs, mode + "-first-touch");
    Json json;
    for (const char *key : {"fast_tier_hit_ratio", "throughput_ops"}) {
        const double base = without ? without->value(key, 0.0) : 0.0;
        json[key] = with && base > 0 ? Json(with->value(key, 0.0) / base) : Json();
    }
    return json;
}

void check_run(const std::string &name, const Json &run, Json &failures)
{
    const auto promise = [&](bool kept, const std::string &what) {
        if (!kept)
            failures.push_back(name + ": " + what);
    };
    const Json &samples = run["samples"];
    const int64_t drained = samples["drained"];
    promise(run["pmis"] == 0, "PMIs were raised: " + run["pmis"].dump());
    promise(run["corrupt_bytes"] == 0, "corrupt bytes: " + run["corrupt_bytes"].dump());
    promise(samples["in_flight"] == 0,
            "samples unaccounted for, after switching off: " + samples["in_flight"].dump());
    promise(samples["written"].is_null() || samples["written"] == drained,
            fmt::format("the machine wrote {} records, {} were drained", samples["written"].dump(),
                        drained));
    if (run["sluice"] == true)
        promise(samples["classified"] > 0, "no sample was classified");
    else
        promise(drained == 0 && run["pages_migrated"] == 0, "first touch, yet something moved");
}

// "-" where a run has no such figure.
std::string figure(const Json &value, int decimals = 0)
{
    if (!value.is_number())
        return "-";
    return fmt::format("{:.{}f}", value.get<double>(), decimals);
}

std::string percentage(const Json &value)
{
    return value.is_number() ? figure(value.get<double>() * 100, 1) + " %" : "-";
}

struct Row {
    const char *title;
    std::function<std::string(const Json &)> cell;
};

Json at(const Json &run, const char *key)
{
    return run.value(key, Json());
}

Json sample(const Json &run, const char *key)
{
    return run["samples"].value(key, Json());
}

const std::vector<Row> &rows()
{
    static const std::vector<Row> list = {
        {"fast-tier hit ratio",
         [](const Json &run) { return percentage(at(run, "fast_tier_hit_ratio")); }},
        {"operations per second",
         [](const Json &run) { return figure(at(run, "throughput_ops")); }},
        {"pages promoted", [](const Json &run) { return figure(at(run, "pages_promoted")); }},
        {"pages demoted", [](const Json &run) { return figure(at(run, "pages_demoted")); }},
        {"samples written", [](const Json &run) { return figure(sample(run, "written")); }},
        {"samples drained", [](const Json &run) { return figure(sample(run, "drained")); }},
        {"  classified", [](const Json &run) { return figure(sample(run, "classified")); }},
        {"  dropped", [](const Json &run) { return figure(sample(run, "dropped_total")); }},
        {"PMIs", [](const Json &run) { return figure(at(run, "pmis")); }},
        {"context switches", [](const Json &run) { return figure(at(run, "context_switches")); }},
        {"drains", [](const Json &run) { return figure(at(run, "drains")); }},
        {"corrupt bytes", [](const Json &run) { return figure(at(run, "corrupt_bytes")); }},
    };
    return list;
}

// "latest-first-touch" is two lines of its column's head: the load, the placement.
std::string mode_of(const std::string &name)
{
    return name.substr(0, name.find('-'));
}

std::string placement_of(const std::string &name)
{
    return name.substr(name.find('-') + 1);
}

template <class Cell>
void add_line(std::string &text, const char *title, const Json &summary, Cell &&cell)
{
    text += fmt::format("{:<22}", title);
    for (const auto &[name, run] : summary["runs"].items())
        text += fmt::format("{:>12}", cell(name, run));
    text += "\n";
}

std::string drops_text(const Json &summary)
{
    std::string text;
    for (const auto &[name, run] : summary["runs"].items())
        for (const auto &[reason, count] : run["samples"]["dropped"].items())
            if (count != 0)
                text += fmt::format("  {}: {} dropped, {}\n", name, count.dump(), reason);
    return text;
}

}  // namespace

std::optional<uint64_t> parse_records_written(std::string_view info_pmu)
{
    constexpr std::string_view label = "records written:";
    std::optional<uint64_t> total;
    for (std::string_view line : split_lines(info_pmu)) {
        const std::string_view text = trim(line);
        if (!text.starts_with(label))
            continue;
        const auto count = parse_number(trim(text.substr(label.size())));
        if (!count)
            return std::nullopt;
        total = total.value_or(0) + *count;
    }
    return total;
}

Result<Json> read_run(const std::string &directory)
{
    const Sysroot files(directory);
    const auto text = files.read("result.json");
    if (!text)
        return propagate(text);
    Json json = Json::parse(*text, nullptr, false);
    if (json.is_discarded() || json.value("schema", "") != "sluice.demo-run/1")
        return fail(Error{Code::failed, "parse", directory + "/result.json",
                          "not a result of this demo", "remove the directory and run it again"});
    if (const auto info = files.read("pmu.txt"))
        if (const auto written = parse_records_written(*info))
            json["records_written"] = *written;
    return json;
}

Json summarize(const std::vector<Json> &runs)
{
    Json summary = {{"schema", "sluice.demo/1"}, {"runs", Json::object()}};
    Json failures = Json::array();
    for (const Json &run : runs) {
        const std::string name = run["name"];
        summary["runs"][name] = summary_of(run);
        check_run(name, summary["runs"][name], failures);
    }
    for (const char *mode : {"latest", "zipf"})
        summary["ratio"][mode] = ratio_of(runs, mode);
    const Json &ratio = summary["ratio"]["latest"]["fast_tier_hit_ratio"];
    if (!ratio.is_number() || ratio.get<double>() < promised_ratio)
        failures.push_back(
            fmt::format("latest: fast-tier hit ratio is {} times first touch's, "
                        "promised are {}",
                        figure(ratio, 2), promised_ratio));
    summary["failures"] = failures;
    return summary;
}

std::string table_of(const Json &summary)
{
    std::string text;
    auto out = std::back_inserter(text);
    add_line(text, "", summary, [](const auto &name, const Json &) { return mode_of(name); });
    add_line(text, "", summary, [](const auto &name, const Json &) { return placement_of(name); });
    for (const Row &row : rows())
        add_line(text, row.title, summary,
                 [&](const auto &, const Json &run) { return row.cell(run); });
    text += drops_text(summary);
    for (const auto &[mode, ratio] : summary["ratio"].items())
        fmt::format_to(out, "{}: Sluice / first touch: hit ratio {}, operations per second {}\n",
                       mode, figure(ratio["fast_tier_hit_ratio"], 2),
                       figure(ratio["throughput_ops"], 2));
    for (const Json &failure : summary["failures"])
        text += "PROMISE BROKEN: " + failure.get<std::string>() + "\n";
    return text;
}

}  // namespace sluice
