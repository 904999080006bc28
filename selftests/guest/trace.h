// SPDX-License-Identifier: GPL-2.0-or-later
// What the kernel's tracepoints say while a Trace lives.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace guest {

class Trace {
public:
    // Events as "sluice/sluice_drain", or "msr" for all of a group. Starts at once.
    explicit Trace(const std::vector<std::string> &events);
    ~Trace();
    Trace(const Trace &) = delete;
    Trace &operator=(const Trace &) = delete;

    struct Event {
        double time_s = 0;
        int cpu = 0;
        std::string name;
        std::string text;
    };

    // Ends it; the events in order of time. Throws if the kernel had to drop some.
    std::vector<Event> stop();

private:
    void enable(const char *value);

    std::vector<std::string> events_;
};

// The number behind "KEY=" in an event's text, 0 if there is none.
uint64_t field(const Trace::Event &event, const std::string &key);

}  // namespace guest
