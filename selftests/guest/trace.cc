// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/trace.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "guest/kernel.h"

namespace guest {

namespace {

const std::string kTracing = "/sys/kernel/tracing/";

void write_or_throw(const std::string &path, std::string_view text)
{
    if (const int error = write_text(path, text))
        throw std::runtime_error("cannot write " + path + ": " + error_name(error));
}

// "    task-12    [001] d.h1.    3.456789: sluice_drain: cpu=1 nr=3 cause=tick"
bool parse(const std::string &line, Trace::Event &event)
{
    const auto bracket = line.find(" [");
    const auto dots = line.find(": ", bracket);
    if (line.starts_with("#") || bracket == std::string::npos || dots == std::string::npos)
        return false;
    const auto name_end = line.find(": ", dots + 2);
    if (name_end == std::string::npos)
        return false;
    event.cpu = std::atoi(line.c_str() + bracket + 2);
    event.time_s = std::atof(line.c_str() + line.rfind(' ', dots));
    event.name = line.substr(dots + 2, name_end - dots - 2);
    event.text = line.substr(name_end + 2);
    return true;
}

bool lost_some()
{
    for (const auto &cpu : std::filesystem::directory_iterator(kTracing + "per_cpu"))
        if (read_text(cpu.path() / "stats").find("\noverrun: 0\n") == std::string::npos)
            return true;
    return false;
}

}  // namespace

Trace::Trace(const std::vector<std::string> &events) : events_(events)
{
    write_or_throw(kTracing + "tracing_on", "0");
    write_or_throw(kTracing + "buffer_size_kb", "8192");
    std::ofstream(kTracing + "trace", std::ios::trunc);  // opening it so clears it
    enable("1");
    write_or_throw(kTracing + "tracing_on", "1");
}

Trace::~Trace()
{
    try {
        enable("0");
    } catch (const std::exception &e) {
        fprintf(stderr, "%s\n", e.what());
    }
}

void Trace::enable(const char *value)
{
    for (const auto &event : events_)
        write_or_throw(kTracing + "events/" + event + "/enable", value);
}

std::vector<Trace::Event> Trace::stop()
{
    write_or_throw(kTracing + "tracing_on", "0");
    if (lost_some())
        throw std::runtime_error("the trace buffer was too small for all events");
    std::istringstream lines(read_text(kTracing + "trace"));
    std::vector<Event> out;
    Event event;
    for (std::string line; std::getline(lines, line);)
        if (parse(line, event))
            out.push_back(event);
    return out;
}

uint64_t field(const Trace::Event &event, const std::string &key)
{
    const auto at = (" " + event.text).find(" " + key + "=");
    return at == std::string::npos
               ? 0
               : std::strtoull(event.text.c_str() + at + key.size() + 1, nullptr, 0);
}

}  // namespace guest
