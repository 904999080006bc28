// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/perf_tool.h"

#include <array>
#include <cstdio>
#include <stdexcept>

#include <sys/wait.h>

#include <fmt/format.h>

#include "guest/kernel.h"

namespace guest {

namespace {

uint64_t seen_pebs_samples = 0;

std::string checked(const std::string &command)
{
    auto output = run(command);
    if (output.status != 0)
        throw std::runtime_error(command + ": status " + std::to_string(output.status) + ": " +
                                 output.text);
    return output.text;
}

}  // namespace

Output run(const std::string &command)
{
    Output output;
    FILE *pipe = popen(("exec 2>&1; " + command).c_str(), "re");
    if (!pipe)
        throw std::runtime_error("cannot run " + command);
    std::array<char, 16384> buffer;
    size_t n;
    while ((n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0)
        output.text.append(buffer.data(), n);
    const int status = pclose(pipe);
    output.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    return output;
}

std::string perf()
{
    return GUEST_PERF;
}

std::string work(const std::string &mode)
{
    return GUEST_PERF_WORK " " + mode;
}

std::map<std::string, uint64_t> perf_stat(const std::string &events, const std::string &command)
{
    const std::string file = "/tmp/perf.stat";
    checked(fmt::format("{} stat -x';' -o {} -e '{}' {}", perf(), file, events, command));
    return parse_stat(read_text(file));
}

std::vector<PerfSample> perf_script(const std::string &file, Registers registers)
{
    const char *more = registers == Registers::yes ? ",iregs" : "";
    auto samples = parse_script(
        checked(fmt::format("{} script -G -i {} -F {}{}", perf(), file, kScriptFields, more)));
    for (const auto &sample : samples)
        seen_pebs_samples += is_precise(sample.event);
    return samples;
}

// All fields for every event, so that one form of perf script's lines does for all.
std::vector<PerfSample> perf_record(const std::string &options, const std::string &command,
                                    Registers registers)
{
    const char *more = registers == Registers::yes ? "--intr-regs=bx,cx,bp,r12,r14" : "";
    checked(fmt::format("{} record -q -o {} -d -W {} {} {}", perf(), kPerfData, more, options,
                        command));
    return perf_script(kPerfData, registers);
}

uint64_t pmis()
{
    return sum_of_interrupts(read_text("/proc/interrupts"), "PMI:");
}

uint64_t pebs_samples()
{
    return seen_pebs_samples;
}

}  // namespace guest
