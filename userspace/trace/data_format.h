// SPDX-License-Identifier: GPL-2.0-or-later
// The fixed parts of sluice.data; all numbers little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::trace {

constexpr std::string_view file_magic("SLUICE\x1a\n", 8);  // as in PNG: shows text conversion
constexpr std::string_view block_magic = "SLB1";
constexpr uint32_t file_version = 1;
constexpr size_t file_head_bytes = 16;   // magic, version, length of the description
constexpr size_t block_head_bytes = 16;  // magic, compressed, plain bytes, number of records
constexpr size_t block_plain_bytes = 256 << 10;     // a block is written when it has as many
constexpr size_t most_block_plain_bytes = 1 << 20;  // and has never more
constexpr size_t most_info_bytes = 1 << 20;

inline void put_u32(std::string &out, uint32_t value)
{
    for (int i = 0; i < 4; ++i)
        out += static_cast<char>(value >> (8 * i));
}

inline uint32_t get_u32(std::string_view bytes, size_t at)
{
    uint32_t value = 0;
    for (size_t i = 0; i < 4; ++i)
        value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    return value;
}

}  // namespace sluice::trace
