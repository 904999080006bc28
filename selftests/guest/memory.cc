// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/memory.h"

#include <cerrno>
#include <stdexcept>

#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace guest {

namespace {

constexpr int kMoveOwnPages = 1 << 1;  // MPOL_MF_MOVE
constexpr size_t kBatch = 4096;

// Without nodes the system call only tells where the pages are.
std::vector<int> move_pages(uintptr_t start, size_t pages, const int *node)
{
    std::vector<int> status;
    for (size_t done = 0; done < pages; done += kBatch) {
        const size_t n = std::min(kBatch, pages - done);
        std::vector<void *> address(n);
        std::vector<int> nodes(n, node ? *node : 0);
        std::vector<int> part(n, -ENOENT);
        for (size_t i = 0; i < n; i++)
            address[i] = reinterpret_cast<void *>(start + (done + i) * kPage);
        syscall(SYS_move_pages, 0, n, address.data(), node ? nodes.data() : nullptr, part.data(),
                kMoveOwnPages);
        status.insert(status.end(), part.begin(), part.end());
    }
    return status;
}

uint64_t next_random(uint64_t &state)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

}  // namespace

Buffer::Buffer(size_t bytes, uint64_t seed, uintptr_t at, Backing backing)
    : bytes_(bytes), seed_(seed), random_(0x2545f4914f6cdd1d ^ seed)
{
    map(at, backing);
}

void Buffer::map(uintptr_t at, Backing backing)
{
    const bool file = backing == Backing::kFileShared || backing == Backing::kFilePrivate;
    const bool is_private = backing != Backing::kShared && backing != Backing::kFileShared;
    const int fd = file ? memfd_create("buffer", MFD_CLOEXEC) : -1;
    if (file && (fd < 0 || ftruncate(fd, static_cast<off_t>(bytes_)) != 0))
        throw std::runtime_error("cannot make a file in memory");

    const auto map_it = [&](int share) {
        const int flags = share | (file ? 0 : MAP_ANONYMOUS) | (at ? MAP_FIXED_NOREPLACE : 0);
        void *p = mmap(reinterpret_cast<void *>(at), bytes_, PROT_READ | PROT_WRITE, flags, fd, 0);
        if (p == MAP_FAILED)
            throw std::runtime_error("cannot map memory");
        madvise(p, bytes_, backing == Backing::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
        words_ = static_cast<uint64_t *>(p);
    };
    // A file's pages are written through a shared mapping; else they would be copied.
    map_it(is_private && !file ? MAP_PRIVATE : MAP_SHARED);
    for (size_t i = 0; i < bytes_ / sizeof(uint64_t); i++)
        words_[i] = word(i);
    if (backing == Backing::kFilePrivate) {
        munmap(words_, bytes_);
        map_it(MAP_PRIVATE);
        if (corrupt_words() != 0)  // also puts all pages into the page table
            throw std::runtime_error("a file lost its contents");
    }
    if (fd >= 0)
        close(fd);
}

Buffer::~Buffer()
{
    munmap(words_, bytes_);
}

size_t Buffer::corrupt_words() const
{
    size_t corrupt = 0;
    for (size_t i = 0; i < bytes_ / sizeof(uint64_t); i++)
        corrupt += words_[i] != word(i);
    return corrupt;
}

uint64_t Buffer::load(size_t offset, size_t length, std::chrono::milliseconds how_long)
{
    using Clock = std::chrono::steady_clock;
    constexpr uint64_t kBetweenClocks = 4096;
    const auto end = Clock::now() + how_long;
    const size_t first = offset / sizeof(uint64_t);
    const size_t words = length / sizeof(uint64_t);
    uint64_t loads = 0;
    do {
        for (uint64_t i = 0; i < kBetweenClocks; i++) {
            const size_t index = first + next_random(random_) % words;
            if (static_cast<const volatile uint64_t *>(words_)[index] != word(index))
                return 0;
        }
        loads += kBetweenClocks;
    } while (Clock::now() < end);
    return loads;
}

size_t Buffer::move_to(int node, size_t offset, size_t length)
{
    move_to_node(node, start() + offset, length);
    return pages_on(node, offset, length);
}

size_t Buffer::pages_on(int node, size_t offset, size_t length) const
{
    size_t there = 0;
    for (int status : move_pages(start() + offset, length / kPage, nullptr))
        there += status == node;
    return there;
}

void move_to_node(int node, uintptr_t start, size_t bytes)
{
    move_pages(start, bytes / kPage, &node);
}

void pin_to_cpu(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0)
        throw std::runtime_error("cannot pin to a CPU");
}

}  // namespace guest
