// SPDX-License-Identifier: GPL-2.0-or-later
// All that may happen to memory happens at once, while Sluice goes on and off: half a minute of it
// by default, ten minutes in a job of their own. Every process verifies its own memory; nothing is
// lost, and the samples add up.

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "guest/host.h"
#include "guest/ktap_listener.h"
#include "guest/process.h"
#include "suites/sluice_test.h"

namespace {

using guest::Counters;
using guest::kMiB;
using guest::kPage;
using guest::kSlow;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr uint64_t kModuleMib = 128;
constexpr minutes kPatience{3};
constexpr size_t kLasting = 96 * kMiB;
constexpr size_t kHot = 8 * kMiB;  // small enough to pay for its moves before it is elsewhere
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

// Lines that are written again and again while their pages move. Each word follows from its place
// and from how often its line was written, so that a write that went to the old page is missed.
class Written {
public:
    explicit Written(size_t bytes) : lines_(bytes / kLine), times_(lines_, 0)
    {
        void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            throw std::runtime_error("cannot map memory");
        words_ = static_cast<uint64_t *>(p);
        for (size_t line = 0; line < lines_; line++)
            write(line);
        guest::move_to_node(kSlow, reinterpret_cast<uintptr_t>(words_), bytes);
    }
    ~Written() { munmap(words_, lines_ * kLine); }
    Written(const Written &) = delete;
    Written &operator=(const Written &) = delete;

    // Random lines in [offset, offset + length) for a while; false if one was wrong.
    bool work(size_t offset, size_t length, milliseconds how_long, Random &random)
    {
        const auto end = std::chrono::steady_clock::now() + how_long;
        while (std::chrono::steady_clock::now() < end) {
            for (int i = 0; i < 1000; i++) {
                const size_t line = (offset + below(random, length)) / kLine;
                if (!good(line))
                    return false;
                times_[line]++;
                write(line);
            }
        }
        return true;
    }

    bool good() const
    {
        for (size_t line = 0; line < lines_; line++)
            if (!good(line))
                return false;
        return true;
    }

private:
    static constexpr size_t kLine = 64;
    static constexpr size_t kWords = kLine / sizeof(uint64_t);

    uint64_t value(size_t line, size_t word) const
    {
        return (line * kWords + word + (uint64_t{times_[line]} << 32)) * 0x9e3779b97f4a7c15u;
    }

    void write(size_t line)
    {
        for (size_t word = 0; word < kWords; word++)
            words_[line * kWords + word] = value(line, word);
    }

    bool good(size_t line) const
    {
        const volatile uint64_t *words = words_ + line * kWords;
        for (size_t word = 0; word < kWords; word++)
            if (words[word] != value(line, word))
                return false;
        return true;
    }

    size_t lines_;
    std::vector<uint8_t> times_;
    uint64_t *words_ = nullptr;
};

// What lasts: a hot set that moves on, so that there is always something to move up.
int stay(unsigned seed, const std::function<bool(size_t offset, size_t length)> &work)
{
    Random random(seed);
    while (!guest::Child::stopped()) {
        const size_t offset = below(random, kLasting / kHot) * kHot;
        for (int i = 0; i < 100 && !guest::Child::stopped(); i++)
            if (!work(offset, kHot))
                return 1;
    }
    return 0;
}

int reader()
{
    guest::Buffer buffer(kLasting, 1, 0, guest::Backing::kHuge);
    buffer.move_to(kSlow);
    const int status = stay(1, [&buffer](size_t offset, size_t length) {
        return buffer.load(offset, length, milliseconds(100)) > 0;
    });
    return status ? status : buffer.corrupt_words() ? 2 : 0;
}

int writer()
{
    Random random(2);
    Written lines(kLasting);
    const int status = stay(2, [&](size_t offset, size_t length) {
        return lines.work(offset, length, milliseconds(100), random);
    });
    return status ? status : lines.good() ? 0 : 2;
}

// It copies in RCU read sections. With one CPU online and everybody busy there, its niceness of 19
// would keep it in one of them for longer than RCU puts up with.
void let_khugepaged_run()
{
    for (const auto &entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (std::isdigit(name.front()) && guest::read_text(entry.path() / "comm") == "khugepaged\n")
            EXPECT_EQ(setpriority(PRIO_PROCESS, static_cast<id_t>(std::stoul(name)), 0), 0);
    }
}

class Turmoil : public SluiceTest {
protected:
    void SetUp() override
    {
        SluiceTest::SetUp();
        set("sample_period", "127");
        set("min_rss_kb", "0");
        set("epoch_ms", "100");
        guest::write_text(kCollapseMs, "100");
        ASSERT_EQ(
            guest::write_text("/sys/devices/system/memory/auto_online_blocks", "online_movable"),
            0);
        guest::program_that_does_nothing();
        let_khugepaged_run();
    }

    // What the machine does to the guest, one after the other, and back; some of it may be
    // refused. Not while a module is on its way out: Linux looks for room for its pages on the
    // other nodes only, for as long as it takes, and lets no CPU go meanwhile, so that a balloon
    // that took the fast node would be waited for by who waits to let it go.
    void disturb_machine(Random &random)
    {
        if (a_module_is_leaving())
            return;
        const bool there = disturbances_ / 4 % 2 == 0;
        switch (disturbances_++ % 4) {
            case 0:
                host_.balloon(there ? 100 + below(random, 300) : 0);
                break;
            case 1:
                guest::write_text(kOnline, there ? "0" : "1");
                break;
            case 2:
                plug_or_unplug(there);
                break;
            default:
                guest::write_text("/proc/sys/vm/compact_memory", "1");
        }
    }

    bool a_module_is_leaving()
    {
        if (memory_blocks() == blocks_)
            gone_ = unplugged_;
        return gone_ < unplugged_;
    }

    static size_t memory_blocks()
    {
        const std::filesystem::directory_iterator entries("/sys/devices/system/memory");
        return static_cast<size_t>(std::ranges::count_if(entries, [](const auto &entry) {
            const std::string name = entry.path().filename();
            return name.starts_with("memory") && std::isdigit(name.back());
        }));
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

    // What must have happened at least once, or nothing has been shown.
    static std::string missing()
    {
        const auto now = Counters::now();
        std::string names;
        for (const char *name : {"sluice_promoted", "sluice_demoted", "balloon_inflate"})
            if (now[name] == 0)
                names += fmt::format("{} ", name);
        return names;
    }

    // On and off, at most so long each time, with something new every second. On a busy host it
    // takes longer until all has happened.
    void turn_on_and_off(seconds how_long, milliseconds longest_turn)
    {
        using Clock = std::chrono::steady_clock;
        Random random(1);
        const auto end = Clock::now() + how_long, latest = end + kPatience;
        for (; Clock::now() < end || (Clock::now() < latest && missing() != ""); turns_++) {
            enable();
            const auto off =
                Clock::now() + longest_turn / 4 + random_part(random, longest_turn * 3 / 4);
            while (Clock::now() < off) {
                disturb_machine(random);
                std::this_thread::sleep_for(seconds(1));
            }
            disable();
            ASSERT_EQ(Counters::now().in_flight(), 0) << "after turn " << turns_;
        }
        EXPECT_EQ(missing(), "") << "has not happened: this test shows nothing";
    }

    static milliseconds random_part(Random &random, milliseconds whole)
    {
        return milliseconds(below(random, static_cast<uint64_t>(whole.count())));
    }

    void lose_nothing(seconds how_long, milliseconds longest_turn)
    {
        std::vector<std::unique_ptr<guest::Child>> children;
        const std::function<int()> programs[] = {reader, writer, [] { return tenant(1); },
                                                 [] { return tenant(2); }};
        for (const auto &program : programs)
            children.push_back(std::make_unique<guest::Child>(program));
        turn_on_and_off(how_long, longest_turn);
        guest::write_text(kOnline, "1");
        host_.balloon(0);
        for (auto &child : children)
            EXPECT_EQ(child->stop(), 0) << "1 and 2: memory was wrong";
        tell();
    }

    void tell() const
    {
        const auto d = Counters::now();
        guest::measured("turns", turns_);
        guest::measured("modules_plugged", plugged_);
        guest::measured("modules_unplugged", unplugged_);
        guest::measured("modules_gone", gone_);
        for (const char *name :
             {"sluice_records", "sluice_classified", "sluice_promoted", "sluice_demoted",
              "thp_split_page", "thp_collapse_alloc", "balloon_inflate", "balloon_migrate"})
            guest::measured(name, d[name]);
        EXPECT_EQ(d.in_flight(), 0);
    }

    guest::Host host_;
    unsigned turns_ = 0;
    unsigned disturbances_ = 0;
    unsigned plugged_ = 0;
    unsigned unplugged_ = 0;
    unsigned gone_ = 0;  // of those that were unplugged
    const size_t blocks_ = memory_blocks();
};

TEST_F(Turmoil, HalfAMinuteLosesNothing)
{
    lose_nothing(seconds(30), seconds(10));
}

TEST_F(Turmoil, TenMinutesLoseNothing)
{
    lose_nothing(minutes(10), seconds(20));
    EXPECT_GT(gone_, 0u);
}

}  // namespace
