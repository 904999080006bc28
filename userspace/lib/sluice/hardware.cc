// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/hardware.h"

#include "sluice/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace sluice {

namespace {

constexpr std::string_view devices = "/sys/bus/event_source/devices";
constexpr uint64_t msr_perf_capabilities = 0x345;
constexpr uint64_t cpuid_perfmon = 0xa;

std::optional<unsigned> small_number(std::string_view text)
{
    const auto number = parse_number(text);
    return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

std::optional<unsigned> leading_number(std::string_view text)
{
    const auto digits = std::find_if_not(text.begin(), text.end(),
                                         [](unsigned char c) { return std::isdigit(c) != 0; });
    return small_number(text.substr(0, static_cast<size_t>(digits - text.begin())));
}

std::optional<double> decimal(std::string_view text)
{
    double value = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
    return end.ec == std::errc() ? std::optional(value) : std::nullopt;
}

std::string file_text(const Sysroot &root, std::string_view path)
{
    const auto text = root.read(path);
    return text ? std::string(trim(*text)) : std::string();
}

// "Performance Events: PEBS fmt4+-baseline, Icelake events, ...": -baseline means adaptive.
void pebs_from_log(const std::vector<std::string> &log, Pmu &pmu)
{
    constexpr std::string_view format = "PEBS fmt", version = "... version:";
    for (const std::string &line : log) {
        if (const size_t at = line.find(version); at != std::string::npos)
            pmu.version = small_number(trim(std::string_view(line).substr(at + version.size())));
        const size_t at = line.find(format);
        if (at == std::string::npos || line.find("Performance Events:") == std::string::npos)
            continue;
        const std::string_view rest = std::string_view(line).substr(at + format.size());
        pmu.pebs_format = leading_number(rest);
        pmu.adaptive = rest.substr(0, rest.find(',')).ends_with("-baseline");
    }
}

// The devices of the msr and cpuid modules: the register's number is the offset.
std::optional<uint64_t> read_register(const Sysroot &root, std::string_view device, uint64_t number)
{
    const auto bytes = root.read_at(device, number, sizeof(uint64_t));
    if (!bytes)
        return std::nullopt;
    uint64_t value = 0;
    std::memcpy(&value, bytes->data(), sizeof(value));
    return value;
}

void pebs_from_registers(const Sysroot &root, Pmu &pmu)
{
    const auto capabilities = read_register(root, "/dev/cpu/0/msr", msr_perf_capabilities);
    if (capabilities) {
        pmu.pebs_format = static_cast<unsigned>(*capabilities >> 8 & 0xf);
        pmu.adaptive = (*capabilities >> 14 & 1) != 0;
    }
    const auto perfmon = read_register(root, "/dev/cpu/0/cpuid", cpuid_perfmon);
    if (perfmon)
        pmu.version = static_cast<unsigned>(*perfmon & 0xff);
}

}  // namespace

Result<Cpu> parse_cpuinfo(std::string_view text)
{
    Cpu cpu;
    std::optional<unsigned> family, model;
    for (std::string_view line : split_lines(text.substr(0, text.find("\n\n")))) {
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos)
            continue;
        const std::string_view key = trim(line.substr(0, colon));
        const std::string_view value = trim(line.substr(colon + 1));
        if (key == "vendor_id")
            cpu.vendor = value;
        else if (key == "model name")
            cpu.name = value;
        else if (key == "cpu family")
            family = small_number(value);
        else if (key == "model")
            model = small_number(value);
        else if (key == "cpu MHz")
            cpu.mhz = decimal(value);
        else if (key == "flags")
            for (std::string_view flag : split_fields(value))
                cpu.flags.emplace(flag);
    }
    if (cpu.vendor.empty() || !family || !model)
        return fail(Error{Code::failed, "parse", "/proc/cpuinfo",
                          "vendor, family or model is missing", "this is not an x86 machine"});
    cpu.family = *family;
    cpu.model = *model;
    return cpu;
}

Pmu read_pmu(const Sysroot &root, const std::vector<std::string> &log)
{
    Pmu pmu;
    const std::string base = std::string(devices) + "/cpu";
    pmu.hybrid = root.exists(base + "_core");
    pmu.present = root.exists(base) || pmu.hybrid;
    pebs_from_log(log, pmu);
    pebs_from_registers(root, pmu);
    if (!pmu.present)
        return pmu;
    pmu.name = file_text(root, base + "/caps/pmu_name");
    // Not caps/max_precise: that is 0 until somebody uses PEBS.
    pmu.pebs = root.exists(base + "/events/mem-loads");
    pmu.load_latency = root.exists(base + "/format/ldlat");
    pmu.needs_auxiliary = root.exists(base + "/events/mem-loads-aux");
    return pmu;
}

}  // namespace sluice
