// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/arena.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <cerrno>

namespace sluice {

namespace {

constexpr uint64_t huge_bytes = 2 << 20;

uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

}  // namespace

// What is mapped beyond the aligned part is given back, so that the size is what was asked for.
Result<Arena> Arena::create(uint64_t bytes)
{
    if (bytes == 0)
        return Arena({});
    const uint64_t size = round_up(bytes, huge_bytes);
    void *mapped = ::mmap(nullptr, size + huge_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
        Error error = os_error("map", fmt::format("{} bytes", size), errno);
        error.hint = "ask for less memory";
        return fail(error);
    }
    auto *begin = static_cast<std::byte *>(mapped);
    const uint64_t skip = round_up(reinterpret_cast<uintptr_t>(begin), huge_bytes) -
                          reinterpret_cast<uintptr_t>(begin);
    if (skip != 0)
        ::munmap(begin, skip);
    if (skip != huge_bytes)
        ::munmap(begin + skip + size, huge_bytes - skip);
    return Arena({begin + skip, size});
}

Arena::~Arena()
{
    if (owned_ && !memory_.empty())
        ::munmap(memory_.data(), memory_.size());
}

}  // namespace sluice
