// SPDX-License-Identifier: GPL-2.0-or-later
// Memory of a load, straight from the kernel, and the count of accesses to each of its pages.
#pragma once

#include "sluice/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace sluice {

inline constexpr uint64_t page_bytes = 4096;

class Arena {
public:
    // Whole huge pages, aligned to them, anonymous and private; all zero. 0 bytes: no memory.
    static Result<Arena> create(uint64_t bytes);
    ~Arena();
    Arena(Arena &&other) noexcept
        : memory_(std::exchange(other.memory_, {})),
          owned_(other.owned_),
          heat_(std::move(other.heat_))
    {
    }
    Arena &operator=(Arena &&) = delete;

    // Some of its memory, as long as it lives.
    Arena part(uint64_t offset, uint64_t bytes) const
    {
        return Arena(memory_.subspan(offset, bytes), false);
    }

    std::span<std::byte> bytes() const { return memory_; }
    template <class T>
    std::span<T> as(uint64_t offset, uint64_t count) const
    {
        return {reinterpret_cast<T *>(memory_.data() + offset), count};
    }

    // From now on until stop_counting(), touch() counts.
    void start_counting() { heat_.assign(memory_.size() / page_bytes, 0); }
    // Accesses by page.
    std::vector<uint32_t> stop_counting() { return std::exchange(heat_, {}); }
    // To be called for each access to memory that matters.
    void touch(const void *address)
    {
        if (!heat_.empty()) [[unlikely]]
            ++heat_[(static_cast<const std::byte *>(address) - memory_.data()) / page_bytes];
    }

private:
    explicit Arena(std::span<std::byte> memory, bool owned = true) : memory_(memory), owned_(owned)
    {
    }

    std::span<std::byte> memory_;
    bool owned_;
    std::vector<uint32_t> heat_;
};

}  // namespace sluice
