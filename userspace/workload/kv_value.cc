// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/kv_value.h"

#include "workload/random.h"

#include <fmt/format.h>
#include <algorithm>
#include <cstring>

namespace sluice {

namespace {
constexpr uint64_t step = 0x9e3779b97f4a7c15;
constexpr size_t prefix_size = 4;  // "key:"
}  // namespace

// By hand, as are the values below: an emulated machine spends most of its time in the client.
std::string kv_key(uint64_t id)
{
    std::string key = "key:000000000000";
    for (size_t at = key.size(); id != 0 && at > prefix_size; id /= 10)
        key[--at] = static_cast<char>('0' + id % 10);
    return key;
}

// Each word tells its key and its place: a byte that comes from elsewhere does not go unseen.
std::string_view KvValues::of(uint64_t id)
{
    uint64_t word = mix(mix(id) ^ seed_);
    char *out = expected_.data();
    size_t left = size_;
    for (; left >= sizeof(word); left -= sizeof(word), out += sizeof(word), word += step)
        std::memcpy(out, &word, sizeof(word));
    std::memcpy(out, &word, left);
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
