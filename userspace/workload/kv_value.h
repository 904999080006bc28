// SPDX-License-Identifier: GPL-2.0-or-later
// Keys and values of the key-value load: the value follows from the key, so each read is checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice {

std::string kv_key(uint64_t id);

class KvValues {
public:
    KvValues(uint64_t seed, size_t size) : seed_(seed), size_(size), expected_(size, '\0') {}

    // Valid until the next call.
    std::string_view of(uint64_t id);
    // Bytes of `got` that are not as they should be; missing and surplus ones count.
    uint64_t corrupt_bytes(uint64_t id, std::string_view got);

private:
    uint64_t seed_;
    size_t size_;
    std::string expected_;
};

}  // namespace sluice
