// SPDX-License-Identifier: GPL-2.0-or-later
// A load that is driven step by step, verifies its own memory, and whose hottest pages can be
// known.
#pragma once

#include "workload/arena.h"

#include <sys/types.h>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class Load {
public:
    virtual ~Load() = default;

    virtual void step(uint64_t operations) = 0;
    // Bytes of its memory that are not what they should be.
    virtual uint64_t corrupt_bytes() = 0;
    // How often each page of the arena is accessed, relative to the others, as long as there is no
    // shift. What a load cannot tell by itself it finds out by so many operations.
    virtual std::vector<uint32_t> page_heat(uint64_t operations);
    // How often the hot part has become another one.
    virtual uint64_t shifts() const { return 0; }
    // Grows whenever page_heat() has become another one, be it by a little.
    virtual uint64_t drift() const { return shifts(); }

    // Whose page of the arena it is; 0: this process's.
    virtual pid_t process_of(uint64_t) const { return 0; }

    Arena &arena() { return arena_; }

protected:
    explicit Load(Arena arena) : arena_(std::move(arena)) {}

    Arena arena_;
};

struct LoadConfig {
    std::string name;
    uint64_t bytes = 256 << 20;
    uint64_t shift_every = 0;  // operations, for loads that shift; 0: never
    uint64_t seed = 1;
};

struct LoadInfo {
    std::string_view name;
    std::string_view operation;  // what is counted as one
    std::string_view about;
};

const std::vector<LoadInfo> &known_loads();
// Memory is filled when this returns.
Result<std::unique_ptr<Load>> make_load(const LoadConfig &config);

}  // namespace sluice
