// SPDX-License-Identifier: GPL-2.0-or-later
// Ten minutes of guest time in which all that may happen to memory happens at once, while Sluice
// goes on and off. Every process verifies its own memory; nothing is lost, and the samples add up.

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <random>
#include <vector>

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/host.h"
#include "guest/ktap_listener.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using guest::kPage;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kSlow = 1;
constexpr uint64_t kModuleMib = 128;
constexpr char kOnline[] = "/sys/devices/system/cpu/cpu1/online";
constexpr char kCollapseMs[] =
    "/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs";

using Random = std::mt19937;

uint64_t below(Random &random, uint64_t limit)
{
    return random() % limit;
}

// Words that follow from their place in the mapping, not from their address.
class Mapping {
public:
    Mapping(size_t bytes, uint64_t seed) : bytes_(bytes), seed_(seed), at_(map(bytes)) { fill(0); }
    ~Mapping() { munmap(at_, bytes_); }
    Mapping(const Mapping &) = delete;
    Mapping &operator=(const Mapping &) = delete;

    bool move()
    {
        void *to = map(bytes_);
        void *now = mremap(at_, bytes_, bytes_, MREMAP_MAYMOVE | MREMAP_FIXED, to);
        if (now == MAP_FAILED)
            return false;
        at_ = static_cast<uint64_t *>(now);
        return true;
    }

    bool grow(size_t bytes)
    {
        void *now = mremap(at_, bytes_, bytes_ + bytes, MREMAP_MAYMOVE);
        if (now == MAP_FAILED)
            return false;
        at_ = static_cast<uint64_t *>(now);
        const auto before = bytes_;
        bytes_ += bytes;
        fill(before);
        return true;
    }

    // A hole is filled anew: what has been given up is zero.
    bool punch(size_t offset, size_t bytes)
    {
        if (madvise(byte(offset), bytes, MADV_DONTNEED) != 0 || *word(offset) != 0)
            return false;
        fill(offset, offset + bytes);
        return true;
    }

    bool advise(int advice) { return madvise(at_, bytes_, advice) == 0; }
    bool protect(size_t offset, int flags) { return mprotect(byte(offset), kPage, flags) == 0; }

    bool good(size_t stride) const
    {
        for (size_t i = 0; i < bytes_ / sizeof(uint64_t); i += stride)
            if (at_[i] != value(i))
                return false;
        return true;
    }

    size_t bytes() const { return bytes_; }

private:
    static uint64_t *map(size_t bytes)
    {
        void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            throw std::runtime_error("cannot map memory");
        return static_cast<uint64_t *>(p);
    }

    char *byte(size_t offset) { return reinterpret_cast<char *>(at_) + offset; }
    uint64_t *word(size_t offset) { return at_ + offset / sizeof(uint64_t); }
    uint64_t value(size_t index) const { return (index + seed_) * 0x9e3779b97f4a7c15u; }
    void fill(size_t from) { fill(from, bytes_); }
    void fill(size_t from, size_t to)
    {
        for (size_t i = from / sizeof(uint64_t); i < to / sizeof(uint64_t); i++)
            at_[i] = value(i);
    }

    size_t bytes_;
    uint64_t seed_;
    uint64_t *at_;
};

// One turn of what a program may do to its own mapping; false if memory was not as it should be.
bool disturb(Mapping &m, Random &random)
{
    const size_t huge = 2 * kMiB;
    switch (below(random, 7)) {
        case 0:
            return m.move();
        case 1:
            return m.bytes() > 24 * kMiB || m.grow(kMiB);
        case 2:
            return m.punch(below(random, m.bytes() / huge - 1) * huge, kPage);
        case 3:
            return m.punch(below(random, m.bytes() / huge - 1) * huge, huge);
        case 4: {
            // Splits mapping and huge page.
            const auto page = below(random, m.bytes() / kPage) * kPage;
            return m.protect(page, PROT_READ) && m.good(509) &&
                   m.protect(page, PROT_READ | PROT_WRITE);
        }
        case 5:
            return m.advise(MADV_HUGEPAGE);
        default:
            return m.advise(MADV_COLD);
    }
}

// Programs that map, move, split, fork, exec, and are killed.
int tenant(unsigned seed)
{
    Random random(seed);
    while (!guest::Child::stopped()) {
        const pid_t pid = fork();
        if (pid < 0)
            return 1;
        if (pid == 0) {
            random.seed(random() + static_cast<unsigned>(getpid()));
            Mapping m(8 * kMiB, random());
            for (int turn = 0; turn < 20; turn++)
                if (!disturb(m, random) || !m.good(63))
                    _exit(2);
            if (fork() == 0)
                _exit(m.move() && m.good(1) ? 0 : 2);
            int status = 0;
            wait(&status);
            if (status != 0 || !m.good(1))
                _exit(2);
            if (below(random, 2))
                execl(guest::program_that_does_nothing(), "nothing", nullptr);
            _exit(0);
        }
        if (below(random, 8) == 0) {
            usleep(static_cast<useconds_t>(below(random, 200'000)));
            kill(pid, SIGKILL);
        }
        int status = 0;
        waitpid(pid, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
            return WEXITSTATUS(status);
    }
    return 0;
}

// What lasts: a hot set that moves on, so that there is always something to move up.
int resident(unsigned seed)
{
    Random random(seed);
    guest::Buffer buffer(96 * kMiB, seed, 0, seed % 2);
    while (!guest::Child::stopped()) {
        const size_t offset = below(random, 10) * 8 * kMiB;
        for (int i = 0; i < 30 && !guest::Child::stopped(); i++)
            if (buffer.load(offset, 16 * kMiB, milliseconds(100)) == 0)
                return 1;
    }
    return buffer.corrupt_words() ? 2 : 0;
}

class Turmoil : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        set("sample_period", "509");
        set("min_rss_kb", "0");
        set("epoch_ms", "100");
        guest::write_text(kCollapseMs, "100");
        ASSERT_EQ(
            guest::write_text("/sys/devices/system/memory/auto_online_blocks", "online_movable"),
            0);
        guest::program_that_does_nothing();
    }

    // What the machine does to the guest; some of it may be refused.
    void disturb_machine(Random &random)
    {
        switch (below(random, 4)) {
            case 0:
                guest::write_text(kOnline, below(random, 2) ? "1" : "0");
                break;
            case 1:
                host_.balloon(below(random, 5) * 100);
                break;
            case 2:
                plug_or_unplug(below(random, 2));
                break;
            default:
                guest::write_text("/proc/sys/vm/compact_memory", "1");
        }
    }

    void plug_or_unplug(bool plug)
    {
        try {
            if (plug)
                host_.plug(kModuleMib, kSlow);
            else
                host_.unplug();
            (plug ? plugged_ : unplugged_)++;
        } catch (const guest::HostRefuses &) {
            // No slot is free, nothing is there, or the one before is still on its way.
        }
    }

    guest::Host host_;
    unsigned plugged_ = 0;
    unsigned unplugged_ = 0;
};

TEST_F(Turmoil, TenMinutesLoseNothing)
{
    const auto before = Counters::now();
    const auto end = std::chrono::steady_clock::now() + minutes(10);
    std::vector<std::unique_ptr<guest::Child>> children;
    for (unsigned i = 1; i <= 2; i++) {
        children.push_back(std::make_unique<guest::Child>([i] { return resident(i); }));
        children.push_back(std::make_unique<guest::Child>([i] { return tenant(i); }));
    }
    Random random(1);
    unsigned cycles = 0;
    for (; std::chrono::steady_clock::now() < end; cycles++) {
        enable();
        const auto pause = std::chrono::steady_clock::now() + milliseconds(below(random, 20'000));
        while (std::chrono::steady_clock::now() < std::min(pause, end)) {
            disturb_machine(random);
            std::this_thread::sleep_for(milliseconds(1000));
        }
        disable();
        ASSERT_EQ(Counters::now().since(before).in_flight(), 0) << "after cycle " << cycles;
    }
    guest::write_text(kOnline, "1");
    host_.balloon(0);
    for (auto &child : children)
        EXPECT_EQ(child->stop(), 0) << "1: memory was wrong, or fork failed; 2: memory was wrong";
    const auto d = Counters::now().since(before);
    guest::measured("cycles", cycles);
    guest::measured("modules_plugged", plugged_);
    guest::measured("modules_unplugged", unplugged_);
    EXPECT_GT(unplugged_, 0u);
    for (const char *name :
         {"sluice_records", "sluice_promoted", "sluice_demoted", "thp_split_page",
          "thp_collapse_alloc", "balloon_inflate", "balloon_migrate"}) {
        guest::measured(name, d[name]);
    }
    for (const char *name : {"sluice_promoted", "sluice_demoted", "balloon_inflate"})
        EXPECT_GT(d[name], 0u) << name;
    EXPECT_EQ(d.in_flight(), 0);
}

}  // namespace
