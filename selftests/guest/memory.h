// SPDX-License-Identifier: GPL-2.0-or-later
// Memory that a test owns: placed on a node, loaded at random, verified.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace guest {

inline constexpr size_t kPage = 4096;
inline constexpr size_t kMiB = 1 << 20;

// Nodes of the machines with two tiers.
inline constexpr int kFast = 0;
inline constexpr int kSlow = 1;

// What kind of memory it is.
enum class Backing {
    kAnonymous,
    kHuge,         // anonymous, in huge pages
    kShared,       // shared memory without a name
    kFileShared,   // a file of a tmpfs, mapped shared
    kFilePrivate,  // the same, mapped private and only read
};

// Memory whose every word follows from its index and a seed.
class Buffer {
public:
    // at: where it must lie (0: anywhere). Faulted in and filled at once.
    explicit Buffer(size_t bytes, uint64_t seed, uintptr_t at = 0, bool huge = false)
        : Buffer(bytes, seed, at, huge ? Backing::kHuge : Backing::kAnonymous)
    {
    }
    Buffer(size_t bytes, uint64_t seed, uintptr_t at, Backing backing);
    ~Buffer();
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;

    uintptr_t start() const { return reinterpret_cast<uintptr_t>(words_); }
    uintptr_t end() const { return start() + bytes_; }
    size_t bytes() const { return bytes_; }
    size_t pages() const { return bytes_ / kPage; }

    size_t corrupt_words() const;

    // Random loads in [offset, offset + length) for a while, each one verified on the
    // way; returns how many were done, or 0 if one was wrong.
    uint64_t load(size_t offset, size_t length, std::chrono::milliseconds how_long);
    uint64_t load(std::chrono::milliseconds how_long) { return load(0, bytes_, how_long); }

    // As move_to_node(). Returns how many are there.
    size_t move_to(int node) { return move_to(node, 0, bytes_); }
    size_t move_to(int node, size_t offset, size_t length);
    size_t pages_on(int node) const { return pages_on(node, 0, bytes_); }
    size_t pages_on(int node, size_t offset, size_t length) const;

private:
    void map(uintptr_t at, Backing backing);
    uint64_t word(size_t index) const { return (index + seed_) * 0x9e3779b97f4a7c15u; }

    uint64_t *words_ = nullptr;
    size_t bytes_ = 0;
    uint64_t seed_ = 0;
    uint64_t random_ = 0;  // goes on from call to call: the same loads again would hit the cache
};

// Moves pages of this process now, without leaving a policy behind.
void move_to_node(int node, uintptr_t start, size_t bytes);

// Keeps this thread on one CPU.
void pin_to_cpu(int cpu);

}  // namespace guest
