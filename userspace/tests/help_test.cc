// SPDX-License-Identifier: GPL-2.0-or-later
// Man page and completion know what --help knows.
#include <gtest/gtest.h>

#include "tests/help_text.h"

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

namespace sluice {
namespace {

const std::string program = SLUICE_PROGRAM;

// Options by their first line in --help: "  -p,--pid INT ..." or "  --json ...".
std::set<std::string> options(const std::string &command)
{
    const std::string text = help(command);
    const std::regex line(R"(\n  (-[^ ]+))"), name(R"(--?[a-z][a-z-]*)");
    std::set<std::string> names;
    for (std::sregex_iterator i(text.begin(), text.end(), line), end; i != end; ++i) {
        const std::string all = (*i)[1];
        for (std::sregex_iterator n(all.begin(), all.end(), name); n != end; ++n)
            names.insert(n->str());
    }
    return names;
}

std::string man_pages()
{
    std::string text;
    for (const auto &entry : std::filesystem::directory_iterator(SOURCES "/man"))
        text += read_file(entry.path());
    return text;
}

TEST(Help, FindsCommandsAndOptions)
{
    EXPECT_EQ(subcommands("").count("doctor"), 1u);
    EXPECT_EQ(subcommands("load"), (std::set<std::string>{"gups", "kv"}));
    const auto found = options("top");
    for (const char *name : {"-d", "--delay", "-n", "--iterations", "--json", "-h", "--help"})
        EXPECT_EQ(found.count(name), 1u) << name;
}

// The line of an option.
std::string told(const std::string &command, const std::string &option)
{
    std::istringstream lines(help(command));
    for (std::string line; std::getline(lines, line);)
        if (line.rfind("  " + option + " ", 0) == 0)
            return line;
    return "";
}

TEST(Help, TellsBoundsDefaultsAndChoices)
{
    EXPECT_EQ(told("load gups", "--size-mib"),
              "  --size-mib NUMBER           memory, in MiB [0.001 to 1000000; default 256]");
    EXPECT_EQ(told("heatmap", "--format"),
              "  --format csv|svg|text       what to draw it as [default text]");
    EXPECT_EQ(told("load kv", "--port"),
              "  --port NUMBER               the server's TCP port (a number) [1 to 65535; "
              "default 6379; not with --unix]");
    EXPECT_EQ(told("status", "-p,--pid"),
              "  -p,--pid PID                only this process, by kind of memory (a number)");
}

TEST(ManPage, HasEveryCommandAndOption)
{
    const std::string pages = man_pages();
    for (const std::string &command : all_commands()) {
        if (!command.empty() && subcommands(command).empty()) {
            EXPECT_NE(pages.find("\n.Ss " + command), std::string::npos) << command;
        }
        for (const std::string &option : options(command))
            EXPECT_TRUE(std::regex_search(pages, std::regex("Fl " + option.substr(1) + "( |\n|$)")))
                << command << " " << option;
    }
}

TEST(ManPage, HasNoOptionThatIsGone)
{
    std::set<std::string> known;
    for (const std::string &command : all_commands())
        known.merge(options(command));
    const std::string pages = man_pages();
    const std::regex flag(R"(\n\.It (Fl [^\n]*))"), name(R"(Fl (-?[a-z][a-z-]*))");
    for (std::sregex_iterator i(pages.begin(), pages.end(), flag), end; i != end; ++i) {
        const std::string item = (*i)[1];
        for (std::sregex_iterator n(item.begin(), item.end(), name); n != end; ++n)
            EXPECT_EQ(known.count("-" + (*n)[1].str()), 1u) << item;
    }
}

TEST(ManPage, IsGoodMdoc)
{
    if (run_command("command -v groff").status != 0)
        GTEST_SKIP() << "groff is missing: make deps";
    for (const auto &entry : std::filesystem::directory_iterator(SOURCES "/man")) {
        const Finished run = run_command("groff -mdoc -ww -Tutf8 " + entry.path().string());
        EXPECT_EQ(run.status, 0);
        EXPECT_EQ(run.err, "");
    }
}

// What bash would offer for the words, the last of which is being typed.
std::set<std::string> completions(const std::string &words)
{
    const std::string script =
        "source " SOURCES "/completion/sluice; COMP_WORDS=(" + program + " " + words +
        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _sluice; printf '%s\\n' \"${COMPREPLY[@]}\"";
    const TemporaryDirectory directory;
    write_file(directory.path() + "/it", script);
    const Finished run = run_command("bash " + directory.path() + "/it");
    EXPECT_EQ(run.err, "");
    std::set<std::string> offered;
    std::istringstream lines(run.out);
    for (std::string line; std::getline(lines, line);)
        if (!line.empty())
            offered.insert(line);
    return offered;
}

TEST(Completion, OffersWhatHelpHas)
{
    EXPECT_EQ(completions("''"), subcommands(""));
    EXPECT_EQ(completions("load ''"), subcommands("load"));
    EXPECT_EQ(completions("do"), (std::set<std::string>{"doctor"}));
    for (const std::string &command : all_commands())
        EXPECT_EQ(completions(command + " -"), options(command)) << command;
}

TEST(Completion, OffersProcesses)
{
    EXPECT_EQ(completions("ranges -p ''").count("1"), 1u);
    EXPECT_EQ(completions("map ''").count("1"), 1u);
}

TEST(Completion, OffersWhatAnOptionTakes)
{
    EXPECT_EQ(completions("heatmap --format ''"), (std::set<std::string>{"csv", "svg", "text"}));
    EXPECT_EQ(completions("ranges -p 1 --sort d"), (std::set<std::string>{"density"}));
    EXPECT_EQ(completions("load gups --seed ''"), std::set<std::string>{});
    const std::string file = FIXTURES "/recordings/gups.data";
    EXPECT_EQ(completions("report -i " + file.substr(0, file.size() - 2)),
              (std::set<std::string>{file}));
    EXPECT_EQ(completions("--sysroot " FIXTURES "/guest-pm"),
              (std::set<std::string>{FIXTURES "/guest-pmem"}));
    EXPECT_EQ(completions("record -- bas").count("bash"), 1u);
}

}  // namespace
}  // namespace sluice
