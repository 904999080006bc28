// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's trace buffer as events. Pages come as they are from trace_pipe_raw; what their bytes
// mean is read from the formats that the running kernel states, so that a field more or less does
// no harm.
#pragma once

#include "sluice/sysroot.h"
#include "trace/event.h"
#include "trace/info.h"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sluice::trace {

class RawParser {
public:
    // `directory`: of tracefs, as "/sys/kernel/tracing".
    static Result<RawParser> create(const Sysroot &root, const std::string &directory);
    RawParser(RawParser &&) noexcept;
    ~RawParser();

    // Adds the events of one page to `events`; returns how many the kernel says are missing before
    // it.
    Result<uint64_t> parse(std::span<std::byte> page, std::vector<Timed> &events);

    // Kernel's events that this program knows, by its own names, and those that are not there.
    std::vector<std::string> missing() const;
    // The words that formats have for numbers, for Info.
    const std::map<std::string, std::map<std::string, std::string>> &words() const;

private:
    struct State;
    explicit RawParser(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// { 0, "switch" }, ... of each __print_symbolic(REC->FIELD, ...) in a format file, by field.
std::map<std::string, std::map<std::string, std::string>> symbols_of(std::string_view format);

}  // namespace sluice::trace
