// SPDX-License-Identifier: GPL-2.0-or-later
// What the documents show is what is printed. In a block that starts with ```console, each line
// "$ sluice ...", "$ cat ..." or "$ grep ..." is run on the captured guest, and what follows must
// be its output. Recordings are looked for in fixtures/recordings. To accept new output:
// SLUICE_ACCEPT=1.
#include <gtest/gtest.h>

#include "tests/run_command.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

namespace sluice {
namespace {

const std::string tree = FIXTURES "/guest-pmem";

// The command that prints the same on the captured guest; empty if that cannot be told.
std::string on_captured_guest(std::string line)
{
    if (line.starts_with("$ sluice "))
        return "cd " FIXTURES "/recordings && " SLUICE_PROGRAM " --sysroot " + tree +
               line.substr(8);
    if (!line.starts_with("$ cat ") && !line.starts_with("$ grep "))
        return "";
    for (const std::string directory : {" /proc/", " /sys/"})
        for (size_t at = 0; (at = line.find(directory, at)) != std::string::npos;
             at += tree.size() + directory.size())
            line.replace(at, directory.size(), " " + tree + directory.substr(1));
    return line.substr(2);
}

// The document with the outputs as they are now; `commands` counts what was run.
std::string renewed(const std::string &document, unsigned &commands)
{
    std::istringstream lines(document);
    std::string result;
    bool in_block = false, skipping = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) {
            in_block = line == "```console";
            skipping = false;
        }
        const std::string command = in_block ? on_captured_guest(line) : "";
        if (!command.empty()) {
            result += line + "\n" + run_command(command + " 2>&1").out;
            skipping = true;
            ++commands;
        } else if (in_block && line.starts_with("$ ")) {
            skipping = false;  // another program: not ours to check
            result += line + "\n";
        } else if (!skipping) {
            result += line + "\n";
        }
    }
    return result;
}

TEST(Docs, OutputIsWhatTheProgramPrints)
{
    unsigned commands = 0;
    std::vector<std::filesystem::path> documents = {REPOSITORY "/README.md"};
    for (const auto &entry : std::filesystem::directory_iterator(REPOSITORY "/docs"))
        if (entry.path().extension() == ".md")
            documents.push_back(entry.path());
    for (const auto &path : documents) {
        const std::string document = read_file(path);
        const std::string now = renewed(document, commands);
        if (std::getenv("SLUICE_ACCEPT"))
            write_file(path, now);
        else
            EXPECT_EQ(document, now) << path << "\nif the new output is right: SLUICE_ACCEPT=1";
    }
    EXPECT_GE(commands, 6u) << "the documents show too little";
}

}  // namespace
}  // namespace sluice
