// SPDX-License-Identifier: GPL-2.0-or-later
// What the host does for a guest whose job has "host_services" (selftests/harness/host_services.h).
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>

namespace guest {

class HostRefuses : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// Everything throws if the host refuses, or does not answer.
class Host {
public:
    Host();
    ~Host();
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    // The balloon's driver fills or empties it to this size, in its own time.
    void balloon(uint64_t mib);
    void plug(uint64_t mib, int node);
    void unplug();  // what was plugged last; the kernel lets it go in its own time, or not
    uint64_t resident_kb(int node);
    std::map<unsigned, uint64_t> msr_accesses();  // by address, of all CPUs since the start

private:
    std::string ask(const std::string &request);

    int fd_;
};

// MiB that the balloon holds now.
uint64_t balloon_mib();

}  // namespace guest
