// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/kernel.h"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace guest {

namespace {

const std::string kSysctl = "/proc/sys/vm/sluice/";

std::string trimmed(std::string text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    return text;
}

// "MemFree:  123 kB", or "Node 0 MemFree:  123 kB"
uint64_t field_kb(const std::string &text, const std::string &field)
{
    std::istringstream in(text);
    std::string word;
    while (in >> word)
        if (word == field + ":") {
            uint64_t value = 0;
            in >> value;
            return value;
        }
    return 0;
}

bool parse_range(const std::string &line, Range &r)
{
    return std::sscanf(
               line.c_str(), "%" SCNx64 "-%" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %u %u",
               &r.start, &r.end, &r.count_milli, &r.resident_kb, &r.fast_kb, &r.age, &r.tier) == 7;
}

// Sum of the lines of /proc/zoneinfo, of all zones of a node, that look like one of the formats.
uint64_t node_zones_kb(int node, std::initializer_list<const char *> formats)
{
    std::istringstream in(read_text("/proc/zoneinfo"));
    uint64_t pages = 0;
    int here = -1;
    for (std::string line; std::getline(in, line);) {
        if (std::sscanf(line.c_str(), "Node %d, zone", &here) == 1 || here != node)
            continue;
        for (const char *format : formats) {
            unsigned long n;
            if (std::sscanf(line.c_str(), format, &n) == 1)
                pages += n;
        }
    }
    return pages * 4;
}

}  // namespace

const std::vector<std::string> kKnobs = {
    "sample_period",   "load_latency_cycles", "sample_stores", "buffer_kb",     "epoch_ms",
    "split_threshold", "min_range_kb",        "min_rss_kb",    "relocate_mbps",
};

std::string read_text(const std::string &path)
{
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

int write_text(const std::string &path, std::string_view text)
{
    const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    const ssize_t n = write(fd, text.data(), text.size());
    const int error = n < 0 ? errno : 0;
    close(fd);
    return error;
}

std::string read_knob(const std::string &name)
{
    return trimmed(read_text(kSysctl + name));
}

int write_knob(const std::string &name, const std::string &value)
{
    return write_text(kSysctl + name, value + "\n");
}

std::string error_name(int error)
{
    return error == 0 ? "success" : strerrorname_np(error);
}

KnobGuard::KnobGuard()
{
    for (const auto &name : kKnobs)
        saved_[name] = read_knob(name);
}

KnobGuard::~KnobGuard()
{
    write_knob("enabled", "0");
    for (const auto &[name, value] : saved_)
        if (!value.empty())
            write_knob(name, value);
}

Counters Counters::now()
{
    Counters c;
    std::ifstream in("/proc/vmstat");
    std::string name;
    uint64_t value;
    while (in >> name >> value)
        c.values_[name] = value;
    return c;
}

uint64_t Counters::operator[](const std::string &name) const
{
    const auto it = values_.find(name);
    return it == values_.end() ? 0 : it->second;
}

uint64_t Counters::sum(std::string_view prefix) const
{
    uint64_t total = 0;
    for (const auto &[name, value] : with_prefix(prefix))
        total += value;
    return total;
}

Counters Counters::since(const Counters &earlier) const
{
    Counters d;
    for (const auto &[name, value] : values_)
        d.values_[name] = value - earlier[name];
    return d;
}

std::map<std::string, uint64_t> Counters::with_prefix(std::string_view prefix) const
{
    std::map<std::string, uint64_t> out;
    for (const auto &[name, value] : values_)
        if (name.starts_with(prefix))
            out[name] = value;
    return out;
}

int64_t Counters::in_flight() const
{
    return static_cast<int64_t>((*this)["sluice_records"] - (*this)["sluice_classified"] -
                                sum("sluice_drop_"));
}

uint64_t meminfo_kb(const std::string &field)
{
    return field_kb(read_text("/proc/meminfo"), field);
}

uint64_t node_meminfo_kb(int node, const std::string &field)
{
    return field_kb(read_text(fmt::format("/sys/devices/system/node/node{}/meminfo", node)), field);
}

uint64_t node_free_kb(int node)
{
    return node_zones_kb(node, {" pages free %lu", " count: %lu"});
}

uint64_t node_high_kb(int node)
{
    return node_zones_kb(node, {" high %lu"});
}

KernelLog::KernelLog(From from) : fd_(open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC))
{
    lseek(fd_, 0, from == kStart ? SEEK_SET : SEEK_END);
}

KernelLog::~KernelLog()
{
    close(fd_);
}

// Each read gives one record: "priority,sequence,time,flags;text\n" and details.
std::vector<std::string> KernelLog::read()
{
    std::vector<std::string> fresh;
    std::array<char, 8192> buffer;
    for (;;) {
        const ssize_t n = ::read(fd_, buffer.data(), buffer.size());
        if (n < 0 && errno == EPIPE)
            continue;  // the ring has moved on past us
        if (n <= 0)
            break;
        const std::string record(buffer.data(), static_cast<size_t>(n));
        const auto text = record.find(';');
        fresh.push_back(record.substr(text + 1, record.find('\n') - text - 1));
    }
    lines_.insert(lines_.end(), fresh.begin(), fresh.end());
    return fresh;
}

bool KernelLog::has(std::string_view text)
{
    read();
    for (const auto &line : lines_)
        if (line.find(text) != std::string::npos)
            return true;
    return false;
}

ProcessView process_view(pid_t pid)
{
    ProcessView view;
    view.text = read_text(fmt::format("/proc/{}/sluice", pid));
    std::istringstream in(view.text);
    std::string line;
    std::getline(in, line);
    view.managed = line.starts_with("managed ");
    const auto samples = line.find("samples ");
    if (samples != std::string::npos)
        view.samples = std::stoull(line.substr(samples + 8));
    Range range;
    while (std::getline(in, line))
        if (parse_range(line, range))
            view.ranges.push_back(range);
    return view;
}

}  // namespace guest
