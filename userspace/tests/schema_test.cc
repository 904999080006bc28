// SPDX-License-Identifier: GPL-2.0-or-later
// Every --json output against its schema in userspace/schema, by Debian's validator.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/output_recording.h"
#include "tests/captured_tree.h"

#include <filesystem>
#include <set>

namespace sluice {
namespace {

using nlohmann::json;

const std::string program = SLUICE_PROGRAM;

// Empty: it fits.
std::string complaint(const json &document)
{
    const std::string name = document.at("schema").get<std::string>();
    const std::string schema = SCHEMAS "/" + name.substr(7, name.find('/') - 7) + ".json";
    const TemporaryDirectory directory;
    write_file(directory.path() + "/it.json", document.dump());
    const Finished checked = run_command("/usr/bin/python3 -W ignore -m jsonschema -i " +
                                         directory.path() + "/it.json " + schema);
    return checked.status == 0 ? "" : checked.out + checked.err + "(status not 0)";
}

std::vector<std::string> commands(const std::string &tree)
{
    const std::string root = " --json --sysroot " + tree;
    const std::string pid = captured_pid(Sysroot(tree));
    const std::string recording = tree + "/sluice.data";
    return {"doctor" + root,
            "status" + root,
            "status -p " + pid + root,
            "top -n 1 -d 0.01" + root,
            "ranges -p " + pid + root,
            "map " + pid + root,
            "why -p " + pid + " 1000" + root,
            "why -p " + pid + " " + "$(sed -n 's/-.*//;3p' " + tree + "/proc/" + pid + "/sluice)" +
                root,
            "cost" + root,
            "get" + root,
            "get manage" + root,
            "set epoch_ms=250 manage=opt-in" + root,
            "metrics" + root,
            "load gups --size-mib 1 --updates 100 --json",
            "sim --epochs 5 --json -o " + recording,
            "sim --json -i " + recording,
            "sim --epochs 2 --sweep period=509,4093 --json",
            "report --json -i " + recording,
            "heatmap --json -i " + recording};
}

TEST(Schema, EveryOutputFits)
{
    const TreeCopy tree("guest-pmem");
    std::set<std::string> seen;
    for (const std::string &command : commands(tree.path())) {
        const Finished run = run_command(fmt::format("{} {}", program, command));
        ASSERT_EQ(run.status, 0) << command << "\n" << run.err;
        const json document = json::parse(run.out);
        EXPECT_EQ(complaint(document), "") << command;
        seen.insert(document["schema"]);
    }
    EXPECT_EQ(seen.size(), 16u) << "status and metrics share one, why and get come twice";
}

// Recording needs a kernel: what is printed of it does not.
TEST(Schema, ARecordingsResultFits)
{
    trace::RecordResult result;
    result.last = {2.5, 1000, 900, 8192, 3};
    EXPECT_EQ(complaint(to_json(trace::RecordConfig(), result)), "");
    result.stopped = true;
    result.child_status = 139;
    result.killed = true;
    EXPECT_EQ(complaint(to_json(trace::RecordConfig(), result)), "");
}

// A validator that accepts everything would be no test.
TEST(Schema, MisfitsAreSeen)
{
    const Finished run = run_command(program + " doctor --json --sysroot " FIXTURES "/guest-pmem");
    json document = json::parse(run.out);
    ASSERT_EQ(complaint(document), "");
    document["checks"][0]["verdict"] = "maybe";
    EXPECT_NE(complaint(document), "");
    document["checks"][0]["verdict"] = "yes";
    document["surprise"] = 1;
    EXPECT_NE(complaint(document), "");
}

}  // namespace
}  // namespace sluice
