// SPDX-License-Identifier: GPL-2.0-or-later
// A trace instance of our own: nobody else's tracing is disturbed, and it is gone when we are.
#pragma once

#include "trace/event_stream.h"

#include <string>
#include <vector>

namespace sluice::trace {

constexpr const char *tracefs_directory = "/sys/kernel/tracing";

class TraceInstance : public PageSource {
public:
    // Also removes instances that a killed recorder has left behind.
    static Result<TraceInstance> create(const Sysroot &root, uint64_t buffer_kib);
    TraceInstance(TraceInstance &&) noexcept;
    ~TraceInstance() override;

    Result<> start();
    Result<> stop();
    // Events that the kernel threw away because a buffer was full.
    Result<uint64_t> lost() const;

    unsigned cpus() const override { return static_cast<unsigned>(pipes_.size()); }
    Result<size_t> read(unsigned cpu, std::span<std::byte> page) override;

private:
    TraceInstance(Sysroot root, std::string directory);
    Result<> open_pipes();
    Result<> put(const char *file, std::string_view text) const;

    Sysroot root_;
    std::string directory_;  // below root_; empty: nothing to remove
    std::vector<std::string> cpu_names_;
    std::vector<int> pipes_;
};

// `path`, where they should be, has no events of Sluice: which kernel would have them.
Error no_events(const Sysroot &root, const std::string &path);

// The pid in the name of an instance of ours; 0: it is none.
int pid_of_instance(std::string_view name);

}  // namespace sluice::trace
