// SPDX-License-Identifier: GPL-2.0-or-later
// Sluice does not know better than the program: what has been locked, bound, pinned or called cold
// stays where it is, however hot it looks.

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <vector>

#include <linux/io_uring.h>
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest/ktap_listener.h"
#include "guest/process.h"
#include "guest/trace.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kFast;
using guest::kMiB;
using guest::kSlow;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kHot = 8 * kMiB;

class Obey : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        set("sample_period", "509");
        ASSERT_EQ(buffer_.move_to(kSlow), buffer_.pages());
        ASSERT_EQ(free_.move_to(kSlow), free_.pages());
    }

    // Both buffers are equally hot. Works until the one that is free to move has moved; so the
    // other one could have.
    void work_until_the_free_one_has_moved()
    {
        ASSERT_TRUE(eventually(seconds(120), [&] {
            EXPECT_GT(buffer_.load(0, kHot, milliseconds(250)), 0u) << "memory was corrupted";
            EXPECT_GT(free_.load(0, kHot, milliseconds(250)), 0u) << "memory was corrupted";
            return free_.pages_on(kFast, 0, kHot) * 100 >= kHot / guest::kPage * 90;
        })) << "nothing moves: this test shows nothing";
        // and some epochs more
        EXPECT_GT(buffer_.load(0, kHot, seconds(2)), 0u);
    }

    guest::Buffer buffer_{24 * kMiB, 1, 0x300000000000};
    guest::Buffer free_{24 * kMiB, 2, 0x400000000000};
};

TEST_F(Obey, LockedMemoryStays)
{
    ASSERT_EQ(mlock(reinterpret_cast<void *>(buffer_.start()), buffer_.bytes()), 0);
    enable();
    work_until_the_free_one_has_moved();
    disable();
    EXPECT_EQ(buffer_.pages_on(kFast), 0u);
    EXPECT_EQ(buffer_.corrupt_words(), 0u);
}

TEST_F(Obey, BoundMemoryStays)
{
    const unsigned long nodes = 1ul << kSlow;
    ASSERT_EQ(syscall(SYS_mbind, buffer_.start(), buffer_.bytes(), MPOL_BIND, &nodes, 64, 0), 0)
        << std::strerror(errno);
    enable();
    work_until_the_free_one_has_moved();
    disable();
    EXPECT_EQ(buffer_.pages_on(kFast), 0u);
}

// A second process, all of whose memory is bound by set_mempolicy() or by a cpuset.
void expect_that_it_stays(const std::function<void()> &body_before)
{
    guest::Child bound([&] {
        body_before();
        guest::Buffer mine(24 * kMiB, 3, 0x500000000000);
        mine.move_to(kSlow);
        while (!guest::Child::stopped())
            if (mine.load(0, kHot, milliseconds(200)) == 0)
                return 1;
        return mine.pages_on(kFast) == 0 ? 0 : 2;
    });
    ASSERT_EQ(guest::error_name(guest::write_knob("enabled", "1")), "success");
    guest::Buffer free(24 * kMiB, 4, 0x600000000000);
    free.move_to(kSlow);
    for (int i = 0; i < 400 && free.pages_on(kFast, 0, kHot) * 10 < kHot / guest::kPage * 9; i++)
        free.load(0, kHot, milliseconds(300));
    EXPECT_GE(free.pages_on(kFast, 0, kHot) * 10, kHot / guest::kPage * 9)
        << "nothing moves: this test shows nothing";
    free.load(0, kHot, seconds(2));
    EXPECT_EQ(bound.stop(), 0) << "1: corrupt, 2: it has moved";
    ASSERT_EQ(guest::error_name(guest::write_knob("enabled", "0")), "success");
}

TEST_F(Obey, ProcessWithAMemoryPolicyStays)
{
    expect_that_it_stays([] {
        const unsigned long nodes = 1ul << kSlow;
        if (syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 64) != 0)
            _exit(3);
    });
}

TEST_F(Obey, CpusetStays)
{
    const std::string root = "/sys/fs/cgroup";
    const std::string group = root + "/slow";
    mount("none", root.c_str(), "cgroup2", 0, nullptr);  // if it is not there yet
    std::filesystem::create_directory(group);
    ASSERT_EQ(guest::write_text(root + "/cgroup.subtree_control", "+cpuset"), 0)
        << "no cgroup 2 with cpusets";
    ASSERT_TRUE(eventually(seconds(5), [&] {
        return guest::write_text(group + "/cpuset.mems", std::to_string(kSlow)) == 0;
    }));
    expect_that_it_stays([&] {
        if (guest::write_text(group + "/cgroup.procs", "0") != 0)
            _exit(3);
    });
    EXPECT_EQ(rmdir(group.c_str()), 0);
}

// How many epochs later than the time before a piece of memory was asked at the earliest, of the
// pieces that refused; 0 if none was asked twice.
uint64_t shortest_rest(const std::vector<guest::Trace::Event> &events)
{
    std::map<uint64_t, uint64_t> asked;  // by the piece's end: its start moves on
    uint64_t epoch = 0, shortest = 0;
    for (const auto &event : events) {
        if (event.name == "sluice_epoch") {
            epoch = guest::field(event, "epoch");
            continue;
        }
        const auto [it, first] = asked.emplace(guest::field(event, "end"), epoch);
        const uint64_t rest = epoch - it->second;
        if (!first && rest && (!shortest || rest < shortest))
            shortest = rest;
        it->second = epoch;
    }
    return shortest;
}

TEST_F(Obey, PinnedPagesStayAndAreCounted)
{
    // Buffers registered with io_uring are pinned for long.
    io_uring_params params{};
    const int ring = static_cast<int>(syscall(SYS_io_uring_setup, 1, &params));
    ASSERT_GE(ring, 0) << std::strerror(errno);
    iovec iov{reinterpret_cast<void *>(buffer_.start()), kHot};
    ASSERT_EQ(syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &iov, 1), 0)
        << std::strerror(errno);

    const auto before = Counters::now();
    guest::Trace trace({"sluice/sluice_epoch", "sluice/sluice_refuse"});
    enable();
    work_until_the_free_one_has_moved();
    EXPECT_GT(buffer_.load(0, kHot, seconds(4)), 0u);  // until it has been asked again
    disable();
    const auto rest = shortest_rest(trace.stop());
    guest::measured("shortest_rest_epochs", rest);
    EXPECT_GE(rest, 3u) << "what refuses rests for two epochs the first time";
    const auto d = Counters::now().since(before);
    EXPECT_EQ(buffer_.pages_on(kFast, 0, kHot), 0u);
    EXPECT_GT(d["sluice_refused_migrate"], 0u);
    // Remembered: not asked in every epoch. A batch is 512 pages, and the range rests longer each
    // time.
    EXPECT_LT(d["sluice_refused_migrate"], d["sluice_epochs"] * 512 / 2);
    EXPECT_EQ(buffer_.corrupt_words(), 0u);
    close(ring);
}

// Nobody touches the second half after MADV_COLD; it shares a range with what is hot all the same.
TEST_F(Obey, WhatIsCalledColdIsNotPromoted)
{
    constexpr size_t kHalf = 16 * kMiB;  // misses the caches
    guest::Buffer both(4 * kHalf, 5, 0x500000000000);
    ASSERT_EQ(both.move_to(kSlow), both.pages());
    set("min_range_kb", std::to_string(2 * kHalf / 1024));
    ASSERT_EQ(madvise(reinterpret_cast<void *>(both.start() + kHalf), kHalf, MADV_COLD), 0);
    const auto before = Counters::now();
    enable();
    EXPECT_TRUE(eventually(seconds(120), [&] {
        EXPECT_GT(both.load(0, kHalf, milliseconds(500)), 0u);
        return both.pages_on(kFast, 0, kHalf) * 100 >= kHalf / guest::kPage * 80;
    })) << "nothing moves: this test shows nothing";
    EXPECT_GT(both.load(0, kHalf, seconds(2)), 0u);
    disable();
    const auto d = Counters::now().since(before);
    EXPECT_EQ(both.pages_on(kFast, kHalf, kHalf), 0u);
    EXPECT_GT(d["sluice_refused_policy"], 0u);
    EXPECT_EQ(both.corrupt_words(), 0u);
}

}  // namespace
