// SPDX-License-Identifier: GPL-2.0-or-later
// What every subcommand has to keep to, whichever it is: plain in pipes, silent when nobody reads,
// no success on a full disk, errors that say what to do.
#include <gtest/gtest.h>

#include <map>

#include "tests/captured_tree.h"
#include "tests/help_text.h"

namespace sluice {
namespace {

const std::string guest = " --sysroot " FIXTURES "/guest-pmem";
const std::string recording = " -i " FIXTURES "/recordings/gups.data";

struct Command {
    std::string works;  // arguments; empty: not without a kernel or a server
    std::string fails;
    int status;               // of what fails
    std::string before = "";  // what fails is run
};

std::map<std::string, Command> table()
{
    const std::string nowhere = " --sysroot /nowhere";
    return {
        {"doctor", {guest, "", 0}},
        {"status", {guest, "-p 99999" + guest, 1}},
        {"top", {"-n 1 -d 0.01" + guest, nowhere, 3}},
        {"ranges", {"-p PID" + guest, "-p 99999" + guest, 1}},
        {"why", {"-p PID 7f0000000000" + guest, "-p 99999 1000" + guest, 1}},
        {"cost", {guest, "--sysroot UNPATCHED", 3}},
        {"get", {guest, nowhere, 3}},
        {"set", {"epoch_ms=500 --sysroot TREE", "epoch_ms=250" + nowhere, 3}},
        {"metrics", {guest, "-o /nowhere/file" + guest, 1}},
        {"map", {"PID" + guest, "99999" + guest, 1}},
        {"record", {"", "-o /dev/null" + nowhere, 3}},
        {"report", {recording, "-i /nowhere/sluice.data", 1}},
        {"heatmap", {recording, "-i /nowhere/sluice.data", 1}},
        {"sim", {"--epochs 3", "--perf-script /nowhere/samples", 1}},
        {"load gups", {"--size-mib 1 --updates 100", "--size-mib 1024", 1, "ulimit -v 500000; "}},
        {"load kv", {"", "--unix /nowhere/socket", 1}}};
}

// A guest as it was captured, and the same with a kernel that does not have Sluice.
class Trees {
public:
    Trees()
    {
        unpatched_.remove("/proc/sys/vm/sluice");
        unpatched_.remove("/proc/" + pid_ + "/sluice");
        unpatched_.put("/proc/vmstat", "nr_free_pages 1\n");
    }
    std::string line_of(const std::string &name, const std::string &arguments) const
    {
        std::string line = SLUICE_PROGRAM;
        line.append(" ").append(name).append(" ").append(arguments);
        replace(line, "UNPATCHED", unpatched_.path());
        replace(line, "TREE", tree_.path());
        replace(line, "PID", pid_);
        return line;
    }

private:
    static void replace(std::string &text, const std::string &word, const std::string &by)
    {
        if (const size_t at = text.find(word); at != std::string::npos)
            text.replace(at, word.size(), by);
    }

    TreeCopy tree_ = TreeCopy("guest-pmem"), unpatched_ = TreeCopy("guest-pmem");
    std::string pid_ = captured_pid(tree_.root());
};

// f(name, command line) for each command that can work here.
void for_each_that_works(auto &&f)
{
    const Trees trees;
    for (const auto &[name, command] : table())
        if (!command.works.empty())
            f(name, trees.line_of(name, command.works));
}

TEST(Contract, CoversEveryCommand)
{
    std::set<std::string> known, leaves;
    for (const auto &[name, command] : table())
        known.insert(name);
    for (const std::string &name : all_commands())
        if (!name.empty() && subcommands(name).empty())
            leaves.insert(name);
    EXPECT_EQ(known, leaves);
}

TEST(Contract, PlainInAPipeAndWithNoColor)
{
    for_each_that_works([](const std::string &name, const std::string &line) {
        const Finished piped = run_command(line);
        EXPECT_EQ(piped.status, 0) << name << "\n" << piped.err;
        EXPECT_EQ((piped.out + piped.err).find('\033'), std::string::npos) << name;
        const Finished terminal =
            run_command("NO_COLOR=1 TERM=xterm script -qec '" + line + "' /dev/null");
        EXPECT_NE(terminal.out, "") << name;
        EXPECT_EQ(terminal.out.find('\033'), std::string::npos) << name;
    });
}

TEST(Contract, AFullDiskIsNoSuccess)
{
    for_each_that_works([](const std::string &name, const std::string &line) {
        const Finished full = run_command(line + " >/dev/full");
        EXPECT_EQ(full.status, 1) << name;
        EXPECT_NE(full.err.find("cannot write standard output: No space left"), std::string::npos)
            << name << "\n"
            << full.err;
    });
}

// Ended by SIGPIPE, as is usual, and without a word.
TEST(Contract, SilentWhenNobodyReads)
{
    for_each_that_works([](const std::string &name, const std::string &line) {
        const Finished closed =
            run_command("{ sleep 0.1; " + line + "; echo $? >&2; } | exec true");
        EXPECT_EQ(closed.err, "141\n") << name;
    });
}

TEST(Contract, ErrorsNameOperationPathReasonAndWhatToDo)
{
    const Trees trees;
    const std::regex good(R"(sluice: cannot [a-z ]+.*: [^(]+ \(.+\)\n)");
    for (const auto &[name, command] : table()) {
        if (command.fails.empty())
            continue;
        for (const char *json : {"", " --json"}) {
            const Finished failed =
                run_command(command.before + trees.line_of(name, command.fails) + json);
            EXPECT_EQ(failed.status, command.status) << name << "\n" << failed.err;
            EXPECT_EQ(failed.out, "") << name;
            EXPECT_TRUE(std::regex_match(failed.err, good)) << name << ": " << failed.err;
        }
    }
}

// prctl(PR_SET_NAME) takes any bytes.
TEST(Contract, JsonWhateverAProcessCallsItself)
{
    const TreeCopy tree("guest-pmem");
    const std::string pid = captured_pid(tree.root());
    tree.put("/proc/" + pid + "/comm", "g\x9bps\n");
    for (const std::string &command :
         std::vector<std::string>{"status", "top -n 1 -d 0.01", "ranges -p " + pid}) {
        const Finished run = run_command(std::string(SLUICE_PROGRAM) + " " + command +
                                         " --json --sysroot " + tree.path());
        EXPECT_EQ(run.status, 0) << command << "\n" << run.err;
        EXPECT_NE(run.out.find("g\uFFFDps"), std::string::npos) << command << "\n" << run.out;
    }
}

TEST(Contract, WithoutThePatchedKernelTheStatusIs3)
{
    const Trees trees;
    for (const std::string line :
         {"status", "status -p PID", "top -n 1 -d 0.01", "ranges -p PID", "why -p PID 1000", "cost",
          "get", "set enabled=1", "metrics", "map PID", "record -o /dev/null", "doctor"}) {
        const Finished run = run_command(trees.line_of(line, "--sysroot UNPATCHED"));
        EXPECT_EQ(run.status, 3) << line << "\n" << run.err;
    }
}

// The help first: what was wrong must not scroll away.
TEST(Contract, MisuseIsToldBelowTheHelp)
{
    const Trees trees;
    std::map<std::string, std::string> misuses = {
        {"", "A subcommand is required"},
        {"nonsense", "there is no subcommand nonsense"},
        {"load gups --size-mib 0", "--size-mib: Value 0 not in range 0.001000 to 1000000.000000"},
        {"ranges -p none", "--pid: Value none not in range 1 to 4194304"}};
    for (const auto &[name, command] : table())
        misuses[name + " " + command.works + " --nonsense"] =
            "The following argument was not expected: --nonsense";
    for (const auto &[arguments, message] : misuses) {
        const Finished run = run_command(trees.line_of(arguments, ""));
        EXPECT_EQ(run.status, 2) << arguments;
        EXPECT_EQ(run.out, "") << arguments;
        EXPECT_NE(run.err.find("Usage: sluice"), std::string::npos) << arguments;
        EXPECT_TRUE(run.err.ends_with("\nsluice: " + message + "\n")) << arguments << run.err;
    }
}

}  // namespace
}  // namespace sluice
