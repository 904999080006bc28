// SPDX-License-Identifier: GPL-2.0-only
#include "workload/kv_value.h"

#include "workload/random.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>

namespace sluice {

std::string kv_key(uint64_t id)
{
    return fmt::format("key:{:012}", id);
}

std::string_view KvValues::of(uint64_t id)
{
    Random words(mix(id) ^ seed_);
    for (size_t at = 0; at < size_; at += sizeof(uint64_t)) {
        const uint64_t word = words.next();
        std::memcpy(expected_.data() + at, &word, std::min(sizeof(word), size_ - at));
    }
    return expected_;
}

uint64_t KvValues::corrupt_bytes(uint64_t id, std::string_view got)
{
    const std::string_view expected = of(id);
    if (got == expected)
        return 0;
    const size_t common = std::min(got.size(), expected.size());
    uint64_t bad = std::max(got.size(), expected.size()) - common;
    for (size_t i = 0; i < common; ++i)
        bad += got[i] != expected[i];
    return bad;
}

}  // namespace sluice
