// SPDX-License-Identifier: GPL-2.0-or-later
// The exposition follows the grammar of OpenMetrics, and a reader never sees half a file.
#include <gtest/gtest.h>

#include "sluice/metrics.h"
#include "sluice/output_file.h"
#include "sluice/text.h"
#include "tests/run_command.h"

#include <filesystem>
#include <regex>
#include <set>

namespace sluice {
namespace {

std::string exposition(const char *fixture)
{
    const Sysroot root(std::string(FIXTURES "/") + fixture);
    return open_metrics(read_knobs(root).value(), read_tiers(root).value(),
                        read_managed_processes(root).value(), read_sluice_counters(root).value());
}

// Families are announced once, TYPE first; their samples follow and carry their name.
void expect_grammar(const std::string &text)
{
    const std::regex type(R"(# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge))");
    const std::regex meta(R"(# (UNIT|HELP) ([a-z_:][a-z0-9_:]*) (.+))");
    const std::regex sample(
        R"re(([a-z_:][a-z0-9_:]*)(\{[a-z_]+="([^"\\\n]|\\["\\n])*"(,[a-z_]+="([^"\\\n]|\\["\\n])*")*\})? \d+)re");
    std::set<std::string> families, series;
    std::string family, kind;
    std::smatch match;
    ASSERT_TRUE(text.ends_with("# EOF\n"));
    for (std::string_view view : split_lines(text)) {
        const std::string line(view);
        if (line == "# EOF")
            continue;
        if (std::regex_match(line, match, type)) {
            family = match[1], kind = match[2];
            EXPECT_TRUE(families.insert(family).second) << "announced twice: " << family;
        } else if (std::regex_match(line, match, meta)) {
            EXPECT_EQ(match[2], family) << line;
            if (match[1] == "UNIT") {
                EXPECT_TRUE(family.ends_with("_" + match[3].str())) << line;
            }
        } else if (std::regex_match(line, match, sample)) {
            EXPECT_EQ(match[1], family + (kind == "counter" ? "_total" : "")) << line;
            EXPECT_TRUE(series.insert(line.substr(0, line.rfind(' '))).second) << line;
        } else {
            ADD_FAILURE() << "not OpenMetrics: " << line;
        }
    }
}

TEST(Metrics, FollowTheGrammar)
{
    for (const char *fixture : {"6.12", "6.12-gups", "guest-pmem"})
        expect_grammar(exposition(fixture));
}

// Prometheus' own client library reads it, as OpenMetrics and as its older text format, which is
// what node_exporter takes.
TEST(Metrics, AreReadByPrometheus)
{
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/sluice.prom";
    const std::string text = exposition("guest-pmem");
    const auto read = [&](const std::string &parser, const std::string &content) {
        write_file(path, content);
        const Finished run = run_command("/usr/bin/python3 -c 'from prometheus_client." + parser +
                                         " import text_string_to_metric_families as parse\n"
                                         "print(sum(len(f.samples) for f in parse(open(\"" +
                                         path + "\").read())))'");
        return run.status == 0 ? std::string(trim(run.out)) : "refused: " + run.err;
    };
    const auto samples = std::to_string(
        split_lines(std::regex_replace(text, std::regex("(^|\n)#[^\n]*"), "")).size());
    EXPECT_EQ(read("openmetrics.parser", text), samples);
    EXPECT_EQ(read("parser", text), samples);
    EXPECT_TRUE(read("openmetrics.parser", "nonsense{\n# EOF\n").starts_with("refused"));
}

TEST(Metrics, EveryCounterIsThere)
{
    const std::string text = exposition("6.12-gups");
    EXPECT_NE(text.find("sluice_promoted_total 3584\n"), std::string::npos) << text;
    EXPECT_NE(text.find("sluice_dropped_samples_total{reason=\"unmanaged\"} 672\n"),
              std::string::npos);
    EXPECT_NE(text.find("sluice_refused_pages_total{reason=\"nomem\"} 418\n"), std::string::npos);
    EXPECT_NE(text.find("sluice_drains_total{cause=\"switch\"} 175\n"), std::string::npos);
    EXPECT_NE(text.find("sluice_process_samples_total{pid=\"43\",comm=\"sluice\"}"),
              std::string::npos);
    EXPECT_NE(text.find("sluice_enabled 1\n"), std::string::npos);
}

TEST(Metrics, OddNamesAreEscaped)
{
    ManagedProcess process;
    process.pid = 7;
    process.name = "a\"b\\c\nd";
    const std::string text = open_metrics({}, {}, {{process}, 0}, {});
    EXPECT_NE(text.find("comm=\"a\\\"b\\\\c\\nd\""), std::string::npos) << text;
    expect_grammar(text);
}

TEST(OutputFile, ReplacesInOneStep)
{
    const TemporaryDirectory directory;
    const std::string path = directory.path() + "/x.prom";
    ASSERT_TRUE(write_atomically(path, "old"));
    std::filesystem::create_hard_link(path, directory.path() + "/reader");
    ASSERT_TRUE(write_atomically(path, "new"));
    EXPECT_EQ(read_file(path), "new");
    EXPECT_EQ(read_file(directory.path() + "/reader"), "old")
        << "who has it open keeps the old one";
    unsigned files = 0;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator(directory.path()))
        ++files;
    EXPECT_EQ(files, 2u) << "nothing is left over";
}

TEST(OutputFile, FailureLeavesTheOldOne)
{
    const TemporaryDirectory directory;
    std::filesystem::create_directories(directory.path() + "/x.prom/inside");
    EXPECT_FALSE(write_atomically(directory.path() + "/x.prom", "new"));
    EXPECT_TRUE(std::filesystem::exists(directory.path() + "/x.prom/inside"));
    EXPECT_FALSE(write_atomically(directory.path() + "/none/x.prom", "new"));
    EXPECT_FALSE(write_atomically("/dev/full/x", "new"));
}

}  // namespace
}  // namespace sluice
