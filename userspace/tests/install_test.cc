// SPDX-License-Identifier: GPL-2.0-or-later
// What `make install` leaves, and where.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/run_command.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

TEST(Install, EverythingIsBelowDestdirAndPrefix)
{
    const TemporaryDirectory destination;
    const Finished installed = run_command("DESTDIR=" + destination.path() +
                                           " cmake --install " BINARIES " --prefix /opt/sluice");
    ASSERT_EQ(installed.status, 0) << installed.err;
    const fs::path root = fs::path(destination.path()) / "opt/sluice";
    for (const char *file :
         {"bin/sluice", "share/man/man1/sluice.1", "share/bash-completion/completions/sluice"})
        EXPECT_TRUE(fs::is_regular_file(root / file)) << file;
    for (const auto &schema : fs::directory_iterator(SCHEMAS))
        EXPECT_TRUE(fs::exists(root / "share/sluice/schema" / schema.path().filename()))
            << schema.path();
    for (const auto &entry : fs::directory_iterator(destination.path()))
        EXPECT_EQ(entry.path().filename(), "opt") << "nothing else";
    EXPECT_EQ(run_command((root / "bin/sluice").string() + " --help").status, 0);
}

}  // namespace
}  // namespace sluice
