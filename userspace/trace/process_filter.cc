// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/process_filter.h"

#include <fmt/format.h>
#include <charconv>
#include <cstdio>

namespace sluice::trace {

namespace {
constexpr int most_generations = 100;
constexpr uint64_t page_bytes = 4096;
}  // namespace

// "412 (any name (even so)) S 1 ...": what follows the last parenthesis.
uint64_t parent_in_stat(std::string_view stat)
{
    const size_t name_end = stat.rfind(')');
    uint64_t parent = 0;
    if (name_end == std::string_view::npos || name_end + 4 > stat.size())
        return 0;
    std::from_chars(stat.data() + name_end + 4, stat.data() + stat.size(), parent);
    return parent;
}

// A process that is gone already cannot be asked: better one too many than one missing.
bool ProcessFilter::descends(uint64_t pid) const
{
    for (int i = 0; i < most_generations && pid > 1; ++i) {
        if (pid == family_)
            return true;
        const auto stat = root_.read(fmt::format("/proc/{}/stat", pid));
        if (!stat)
            return true;
        pid = parent_in_stat(*stat);
    }
    return false;
}

bool ProcessFilter::wants(uint64_t pid)
{
    if (pid == 0)
        return true;  // about the system
    if (only_ != 0)
        return pid == only_;
    if (family_ == 0)
        return true;
    const auto found = known_.find(pid);
    if (found != known_.end())
        return found->second;
    return known_[pid] = descends(pid);
}

std::optional<Process> ProcessFilter::introduce(uint64_t pid)
{
    if (pid == 0 || !introduced_.emplace(pid, true).second)
        return {};
    Process process;
    process.pid = pid;
    if (auto comm = root_.read(fmt::format("/proc/{}/comm", pid)))
        process.comm = comm->substr(0, comm->find('\n'));
    unsigned long size = 0, resident = 0;
    if (const auto statm = root_.read(fmt::format("/proc/{}/statm", pid));
        statm && std::sscanf(statm->c_str(), "%lu %lu", &size, &resident) == 2) {
        process.virtual_bytes = size * page_bytes;
        process.resident_bytes = resident * page_bytes;
    }
    return process;
}

}  // namespace sluice::trace
