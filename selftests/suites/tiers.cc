// SPDX-License-Identifier: GPL-2.0-or-later
// More than two tiers; and tiers whose memory comes and goes. On the machine "three-tier".

#include <filesystem>

#include <fmt/format.h>

#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using guest::kPage;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string where(const guest::Buffer &b)
{
    return fmt::format("nodes 0/1/2: {}/{}/{} of {} pages", b.pages_on(0), b.pages_on(1),
                       b.pages_on(2), b.pages());
}

class Tiers : public SluiceTest {};

// Room for little more than the hot part in the first tier, so the warm part gets the second.
TEST_F(Tiers, PagesFlowToTheRightTier)
{
    guest::Buffer hot(12 * kMiB, 1, 0x300000000000);
    guest::Buffer warm(24 * kMiB, 2, 0x400000000000);
    guest::Buffer cold(24 * kMiB, 3, 0x500000000000);
    for (guest::Buffer *b : {&hot, &warm, &cold})
        ASSERT_EQ(b->move_to(2), b->pages()) << where(*b);
    Ballast ballast(0, guest::node_high_kb(0) + 20 * 1024);

    const auto before = Counters::now();
    enable();
    // Each epoch sees both: what is hot in every second epoch only has no claim.
    const auto work = [&] {
        for (int i = 0; i < 20; i++) {
            EXPECT_GT(hot.load(milliseconds(45)), 0u) << "memory was corrupted";
            EXPECT_GT(warm.load(milliseconds(30)), 0u) << "memory was corrupted";
        }
    };
    EXPECT_TRUE(eventually(seconds(200),
                           [&] {
                               work();
                               return hot.pages_on(0) * 100 >= hot.pages() * 80 &&
                                      warm.pages_on(2) * 100 <= warm.pages() * 20;
                           }))
        << "hot " << where(hot) << "; warm " << where(warm);
    disable();
    const auto d = Counters::now().since(before);
    EXPECT_GT(warm.pages_on(1) * 100, warm.pages() * 30) << where(warm);
    EXPECT_LE(cold.pages_on(0) + cold.pages_on(1), cold.pages() / 10) << where(cold);
    EXPECT_EQ(d.sum("pgscan_") + d.sum("pgsteal_") + d.sum("allocstall_") + d["pageoutrun"], 0u);
    for (const guest::Buffer *b : {&hot, &warm, &cold})
        EXPECT_EQ(b->corrupt_words(), 0u);
}

// What somebody else takes of the first tier, or gives back, is known in the next epoch.
TEST_F(Tiers, CapacityFollowsWhatIsTakenAndGivenBack)
{
    guest::Buffer buffer(32 * kMiB, 4, 0x300000000000);
    ASSERT_EQ(buffer.move_to(1), buffer.pages());
    enable();
    ASSERT_TRUE(eventually(seconds(60), [&] {
        buffer.load(0, 4 * kMiB, milliseconds(200));
        return capacity_kb() > 0;
    })) << "not managed";

    const auto settled = [&](const std::function<bool(uint64_t)> &good) {
        const uint64_t epochs = Counters::now()["sluice_epochs"];
        while (Counters::now()["sluice_epochs"] < epochs + 2)
            buffer.load(0, 4 * kMiB, milliseconds(50));
        return good(capacity_kb());
    };
    const uint64_t all = capacity_kb();
    {
        Ballast ballast(0, guest::node_free_kb(0) - 48 * 1024);
        // Some of what is taken was on the CPUs' own lists, which are nobody's room.
        EXPECT_TRUE(settled([&](uint64_t now) { return now + 28 * 1024 < all; }))
            << all << " KiB before, now " << capacity_kb();
    }
    EXPECT_TRUE(settled([&](uint64_t now) { return now + 8 * 1024 > all; }))
        << all << " KiB before, now " << capacity_kb();
    disable();
}

// The last tier is unplugged and comes back while a workload runs.
TEST_F(Tiers, ATierMayComeAndGo)
{
    namespace fs = std::filesystem;
    guest::Buffer buffer(32 * kMiB, 5, 0x300000000000);
    ASSERT_EQ(buffer.move_to(1), buffer.pages());
    std::vector<std::string> blocks;
    for (const auto &entry : fs::directory_iterator("/sys/devices/system/node/node2"))
        if (entry.path().filename().string().starts_with("memory") &&
            fs::exists(entry.path() / "state"))
            blocks.push_back(entry.path() / "state");
    ASSERT_FALSE(blocks.empty());

    enable();
    ASSERT_GT(buffer.load(0, 8 * kMiB, seconds(2)), 0u);
    size_t offline = 0;
    for (const std::string &state : blocks)
        offline += guest::write_text(state, "offline") == 0;
    EXPECT_GT(offline, 0u) << "no block let itself be unplugged: this test shows nothing";
    EXPECT_GT(buffer.load(8 * kMiB, 8 * kMiB, seconds(4)), 0u);
    for (const std::string &state : blocks)
        guest::write_text(state, "online");
    EXPECT_TRUE(eventually(seconds(120), [&] {
        EXPECT_GT(buffer.load(16 * kMiB, 8 * kMiB, milliseconds(500)), 0u);
        return buffer.pages_on(0, 16 * kMiB, 8 * kMiB) * 100 >= 8 * kMiB / kPage * 80;
    })) << where(buffer);
    disable();
    EXPECT_EQ(buffer.corrupt_words(), 0u);
}

}  // namespace
