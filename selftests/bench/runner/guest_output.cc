// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/guest_output.h"

#include <cinttypes>
#include <cstdio>
#include <numeric>

#include <fmt/format.h>

#include "harness/console.h"

namespace bench {

namespace {

constexpr std::string_view kMark = "sluice-bench: {";
constexpr size_t kTail = 15;

std::string tail(std::string_view console)
{
    std::string text;
    for (const auto &line : harness::last_lines(console, kTail))
        text += "\n    " + line;
    return text;
}

Result<Json> parse(const std::string &line)
{
    try {
        return Json::parse(line.substr(line.find(kMark) + kMark.size() - 1));
    } catch (const Json::exception &error) {
        return harness::fail("read", "the guest's result", error.what());
    }
}

}  // namespace

Result<Json> result_of(std::string_view console)
{
    if (const auto complaints = harness::kernel_complaints(console); !complaints.empty())
        return harness::fail("believe", "the guest", "its kernel complained: " + complaints[0]);
    for (const std::string &line : harness::console_lines(console)) {
        if (line.find(kMark) == std::string::npos)
            continue;
        auto result = parse(line);
        if (result && result->value("corrupt_bytes", 1) != 0)
            return harness::fail("believe", "the guest", "its memory is corrupt");
        return result;
    }
    return harness::fail("find", "the guest's result", "it has printed none" + tail(console));
}

uint64_t PmuActivity::all_msr_accesses() const
{
    return std::accumulate(msr_accesses.begin(), msr_accesses.end(), uint64_t{0},
                           [](uint64_t sum, const auto &entry) { return sum + entry.second; });
}

// Counters, their controls, PEBS, the debug store; not the time stamp counter, the interrupt
// controller or segments.
bool is_pmu_register(uint32_t msr)
{
    const std::pair<uint32_t, uint32_t> blocks[] = {
        {0xc1, 0xc8},   {0x186, 0x18d}, {0x1a6, 0x1a7}, {0x309, 0x30b}, {0x329, 0x329},
        {0x345, 0x345}, {0x38d, 0x391}, {0x3f1, 0x3f7}, {0x4c1, 0x4c8}, {0x600, 0x600}};
    for (const auto &[first, last] : blocks)
        if (first <= msr && msr <= last)
            return true;
    return false;
}

PmuActivity parse_pmu(std::string_view text)
{
    PmuActivity pmu;
    for (const std::string &line : harness::console_lines(text)) {
        uint64_t a = 0, b = 0;
        uint32_t msr = 0;
        if (std::sscanf(line.c_str(), " records written: %" SCNu64, &a) == 1)
            pmu.records += a;
        else if (std::sscanf(line.c_str(), " records dropped: %" SCNu64, &a) == 1)
            pmu.dropped += a;
        else if (std::sscanf(line.c_str(), " pmis: %" SCNu64, &a) == 1)
            pmu.pmis += a;
        else if (std::sscanf(line.c_str(), " msr 0x%" SCNx32 ": reads %" SCNu64 " writes %" SCNu64,
                             &msr, &a, &b) == 3 &&
                 is_pmu_register(msr))
            pmu.msr_accesses[msr] += a + b;
    }
    return pmu;
}

}  // namespace bench
