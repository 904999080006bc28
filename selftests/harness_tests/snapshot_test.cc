// SPDX-License-Identifier: GPL-2.0-or-later
// When a saved machine may be gone on with, and what is said if there can be none. That it works is
// shown by guests: selftests/vm_tests.

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/snapshot.h"
#include "harness_tests/fake_tree.h"

namespace {

namespace fs = std::filesystem;

class Snapshot : public testing::Test {
protected:
    harness::GuestConfig config(const std::string &role = "init-broken")
    {
        harness::GuestConfig c;
        c.qemu = *tree_.layout().qemu("guest", "pmem", {});
        c.qemu.append = "role=" + role;
        c.job.argv = {"true"};
        c.log_dir = tree_.root() / "log";
        c.boot_timeout = std::chrono::seconds(1);
        return c;
    }

    harness::Result<void> start(harness::GuestConfig &c)
    {
        return harness::start_from_snapshot(c, tree_.root() / "snapshots", [this] { ++made_; });
    }

    FakeTree tree_;
    int made_ = 0;
};

TEST_F(Snapshot, KeyFollowsTheMachineAndItsFiles)
{
    const auto c = config();
    const auto key = harness::snapshot_key(c.qemu);
    auto other = c.qemu;
    other.append = "other";
    EXPECT_NE(harness::snapshot_key(other), key);
    other = c.qemu;
    other.machine.vcpus++;
    EXPECT_NE(harness::snapshot_key(other), key);
    other = c.qemu;
    other.shares.push_back({"share0", "/srv"});
    EXPECT_NE(harness::snapshot_key(other), key) << "one device more";
    fs::last_write_time(c.qemu.kernel, fs::file_time_type::clock::now() - std::chrono::hours(1));
    EXPECT_NE(harness::snapshot_key(c.qemu), key);
}

TEST_F(Snapshot, KeyDoesNotFollowThePathsOfARun)
{
    auto one = config().qemu, other = one;
    one.shares = {{"share0", "/srv"}};
    other.shares = {{"share0", "/home"}};
    other.run_dir = "/elsewhere";
    other.console_log = "/log/console";
    other.results = "/log/results";
    EXPECT_EQ(harness::snapshot_key(one), harness::snapshot_key(other));
}

TEST_F(Snapshot, IsUsedIfItIsOfThisMachineAndOnlyThen)
{
    auto first = config();
    first.qemu.waits = true;
    const auto key = harness::snapshot_key(first.qemu);
    const fs::path mine =
        tree_.root() / "snapshots" / fmt::format("{:016x}", std::hash<std::string>()(key));
    fs::create_directories(mine);
    std::ofstream(mine / "key") << key;
    auto same = config();
    ASSERT_TRUE(start(same));
    EXPECT_EQ(made_, 0);
    EXPECT_TRUE(same.qemu.waits);
    EXPECT_EQ(same.qemu.incoming, mine / "memory");
    std::ofstream(mine / "key") << key << "of another machine";
    auto again = config();
    EXPECT_FALSE(start(again)) << "the fake guest cannot be saved";
    EXPECT_EQ(made_, 1);
}

TEST_F(Snapshot, AGuestThatDoesNotBootIsAnErrorWithItsReason)
{
    auto c = config();
    const auto ok = start(c);
    ASSERT_FALSE(ok);
    EXPECT_NE(ok.error().text().find("No such device"), std::string::npos) << ok.error().text();
    EXPECT_FALSE(c.qemu.incoming);
}

}  // namespace
