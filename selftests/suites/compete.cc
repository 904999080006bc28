// SPDX-License-Identifier: GPL-2.0-or-later
// Five processes with hot sets of different sizes, each in memory of another kind, compete for one
// fast tier. An oracle, which knows the hot sets, then places the same processes by hand. In
// virtual time.

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include <sys/mman.h>

#include "guest/ktap_listener.h"
#include "guest/perf_event.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Backing;
using guest::kFast;
using guest::kMiB;
using guest::kSlow;
using std::chrono::milliseconds;
using std::chrono::seconds;

// MEM_LOAD_L3_MISS_RETIRED.LOCAL_DRAM and .REMOTE_DRAM: the second node is remote (docs/pmu.md).
constexpr uint64_t kFastMisses = 0x01d3;
constexpr uint64_t kSlowMisses = 0x02d3;

constexpr uintptr_t kAt = 0x300000116000;  // no range has its edge exactly where a hot set has it
constexpr size_t kCold = 16 * kMiB;        // at the start of each process's memory
constexpr size_t kMore = 48 * kMiB;        // after it, and the hot set is in there

// Does what its parent tells it through shared memory: works, or moves its own pages.
class Rival {
public:
    enum Order : int { kWait, kWork, kAllSlow, kColdFast, kHotFast, kCount, kVerify };

    Rival(size_t hot_bytes, Backing backing, unsigned seed)
        : hot_bytes_(hot_bytes), desk_(shared()), child_([=, this] { return live(backing, seed); })
    {
        await();
    }
    ~Rival() { munmap(desk_, sizeof(*desk_)); }
    Rival(const Rival &) = delete;
    Rival &operator=(const Rival &) = delete;

    // Returns when it is done; kWork never is. What it says: pages moved, hot pages in the fast
    // tier, or words corrupt.
    size_t tell(Order order, size_t bytes = 0)
    {
        desk_->bytes = bytes;
        desk_->order = order;
        if (order == kWork)
            return 0;
        desk_->asked++;
        return await();
    }

    size_t hot_bytes() const { return hot_bytes_; }

private:
    struct Desk {
        std::atomic<int> order;
        std::atomic<size_t> bytes;
        std::atomic<unsigned> asked;
        std::atomic<unsigned> answered;
        std::atomic<size_t> answer;
    };

    static Desk *shared()
    {
        void *p =
            mmap(nullptr, sizeof(Desk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            throw std::runtime_error("cannot map memory");
        return new (p) Desk{.asked = 1};  // for being there
    }

    size_t await() const
    {
        while (desk_->answered != desk_->asked)
            std::this_thread::sleep_for(milliseconds(1));
        return desk_->answer;
    }

    int live(Backing backing, unsigned seed)
    {
        guest::Buffer buffer(kCold + kMore, seed, kAt, backing);
        buffer.move_to(kSlow);
        desk_->answered = 1;
        while (!guest::Child::stopped()) {
            if (desk_->order == kWork) {
                if (!work(buffer))
                    return 1;
            } else if (desk_->answered == desk_->asked) {
                std::this_thread::sleep_for(milliseconds(1));
            } else {
                desk_->answer = obey(buffer);
                desk_->answered = desk_->asked.load();
            }
        }
        return 0;
    }

    // Nine of ten loads in the hot set, the rest anywhere; false if memory was wrong. By number,
    // not by time: of a few milliseconds, who knows how many were another process's.
    bool work(guest::Buffer &buffer) const
    {
        constexpr milliseconds kFewLoads{0};
        for (int i = 0; i < 9; i++) {
            if (!buffer.load(kCold, hot_bytes_, kFewLoads))
                return false;
        }
        return buffer.load(kFewLoads) > 0;
    }

    size_t obey(guest::Buffer &buffer) const
    {
        switch (desk_->order) {
            case kAllSlow:
                return buffer.move_to(kSlow);
            case kColdFast:
                return buffer.move_to(kFast, 0, desk_->bytes);
            case kHotFast:
                return buffer.move_to(kFast, kCold, desk_->bytes);
            case kCount:
                return buffer.pages_on(kFast, kCold, hot_bytes_);
            case kVerify:
                return buffer.corrupt_words();
            default:
                return 0;
        }
    }

    size_t hot_bytes_;
    Desk *desk_;
    guest::Child child_;
};

class Compete : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        // Half as large again from one to the next, and all of them more than the cache.
        constexpr std::array sizes = {8 * kMiB, 12 * kMiB, 18 * kMiB, 28 * kMiB, 42 * kMiB};
        constexpr std::array kinds = {Backing::kFilePrivate, Backing::kAnonymous, Backing::kShared,
                                      Backing::kHuge, Backing::kFileShared};
        for (size_t i = 0; i < sizes.size(); i++)
            rivals_.push_back(std::make_unique<Rival>(sizes[i], kinds[i], i + 1));
        for (int cpu = 0; cpu < 2; cpu++)
            for (uint64_t event : {kFastMisses, kSlowMisses})
                misses_.push_back(guest::PerfEvent::pinned_on_cpu(PERF_TYPE_RAW, event, cpu));
    }

    void tell_all(Rival::Order order, size_t bytes = 0)
    {
        for (auto &rival : rivals_)
            rival->tell(order, bytes);
    }

    // Of the misses of all for a while, the share that the fast tier serves.
    double hit_ratio(seconds how_long)
    {
        const auto before = counts();
        std::this_thread::sleep_for(how_long);
        const auto after = counts();
        const auto fast = static_cast<double>(after[0] - before[0]);
        const auto slow = static_cast<double>(after[1] - before[1]);
        EXPECT_GT(fast + slow, 100'000) << "nobody works: this test shows nothing";
        return fast / (fast + slow);
    }

    // What programs may have of the fast tier.
    static size_t room()
    {
        const auto free = guest::node_free_kb(kFast), high = guest::node_high_kb(kFast);
        return free > high ? (free - high) * 1024 / guest::kPage * guest::kPage : 0;
    }

    // The smaller the hot set, the more often each of its pages is accessed.
    void place_as_an_oracle()
    {
        tell_all(Rival::kAllSlow);
        for (auto &rival : rivals_)
            rival->tell(Rival::kHotFast, std::min(rival->hot_bytes(), room()));
    }

    void fill_the_fast_tier_with_cold_memory()
    {
        for (auto &rival : rivals_)
            rival->tell(Rival::kColdFast, std::min(kCold, room()));
    }

    // Of the smallest hot set, the part that is fast; everybody works before and after.
    size_t percent_of_the_densest()
    {
        const size_t pages = rivals_[0]->tell(Rival::kCount);
        rivals_[0]->tell(Rival::kWork);
        return pages * 100 / (rivals_[0]->hot_bytes() / guest::kPage);
    }

    void expect_nothing_corrupt()
    {
        for (auto &rival : rivals_)
            EXPECT_EQ(rival->tell(Rival::kVerify), 0u);
    }

private:
    std::array<uint64_t, 2> counts() const
    {
        std::array<uint64_t, 2> sums{};
        for (size_t i = 0; i < misses_.size(); i++)
            sums[i % 2] += misses_[i].count();
        return sums;
    }

    std::vector<std::unique_ptr<Rival>> rivals_;
    std::vector<guest::PerfEvent> misses_;
};

TEST_F(Compete, TheHitRatioIsNearTheOracles)
{
    fill_the_fast_tier_with_cold_memory();
    tell_all(Rival::kWork);
    const double first = hit_ratio(seconds(2));
    enable();
    std::this_thread::sleep_for(seconds(20));
    const double reached = hit_ratio(seconds(4));
    disable();
    place_as_an_oracle();
    tell_all(Rival::kWork);
    const double oracle = hit_ratio(seconds(4));
    tell_all(Rival::kWait);
    expect_nothing_corrupt();

    const auto permille = [](double ratio) { return static_cast<uint64_t>(ratio * 1000); };
    guest::measured("hit_permille_before", permille(first));
    guest::measured("hit_permille", permille(reached));
    guest::measured("hit_permille_oracle", permille(oracle));
    EXPECT_GT(oracle, 2 * first) << "there was nothing to gain: this test shows nothing";
    EXPECT_GE(reached, 0.95 * oracle);
}

// Also with a kernel that is many times as slow.
TEST_F(Compete, TheDensestGoesUp)
{
    fill_the_fast_tier_with_cold_memory();
    tell_all(Rival::kWork);
    EXPECT_LE(percent_of_the_densest(), 10u) << "there was nothing to gain: this shows nothing";
    enable();
    EXPECT_TRUE(eventually(seconds(60), [this] { return percent_of_the_densest() >= 90; }));
    disable();
    tell_all(Rival::kWait);
    expect_nothing_corrupt();
}

}  // namespace
