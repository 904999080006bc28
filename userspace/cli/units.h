// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/format.h>
#include <cstdint>
#include <string>

namespace sluice {

// "948.0 MiB"; for people, JSON has the bytes.
inline std::string human_bytes(uint64_t bytes)
{
    constexpr const char *units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    double value = static_cast<double>(bytes);
    unsigned unit = 0;
    for (; value >= 1024 && unit < 5; ++unit)
        value /= 1024;
    return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

inline double percent(double part, double whole)
{
    return whole == 0 ? 0.0 : 100 * part / whole;
}

}  // namespace sluice
