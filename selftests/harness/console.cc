// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/console.h"

#include <algorithm>
#include <array>

namespace harness {

namespace {

constexpr std::array kComplaints = {
    "WARNING: ",
    "BUG: ",
    "kernel BUG at",
    "Oops: ",
    "general protection fault",
    "Kernel panic",
    "possible recursive locking",
    "possible circular locking",
    "lock inversion",
    "inconsistent lock state",
    "suspicious RCU usage",
    "held lock freed",
    "sleeping function called from invalid context",
    "scheduling while atomic",
    "unchecked MSR access error",
    "UBSAN: ",
    "KASAN: ",
    "KCSAN: ",
    "new suspected memory leaks",
    "detected stall",
    "self-detected stall",
    "soft lockup",
    "hard LOCKUP",
    "blocked for more than",
    "list_add corruption",
    "list_del corruption",
    "Bad page state",
    "Bad rss-counter state",
    "Uhhuh. NMI received",
    "perfevents: irq loop stuck",
    "Dazed and confused",
};

bool is_complaint(std::string_view line)
{
    return std::any_of(kComplaints.begin(), kComplaints.end(), [line](const char *pattern) {
        return line.find(pattern) != std::string_view::npos;
    });
}

constexpr char kRace[] = "BUG: KCSAN: ";

// Every function of ours, or one that has called it, has one of these in its name.
constexpr std::array kOurs = {"sluice", "pebs"};

// A report names the functions that raced in its first line, and has the stack of each, one frame
// in an indented line; it ends with a line of "=". The kernel's version in it has our name, too.
bool is_ours(const std::vector<std::string> &lines, size_t first)
{
    for (size_t i = first; i < lines.size(); i++) {
        const auto line = without_timestamp(lines[i]);
        if (line.starts_with("====="))
            return false;
        if (i > first && !line.starts_with(' '))
            continue;
        for (const char *name : kOurs)
            if (line.find(name) != std::string_view::npos)
                return true;
    }
    return true;  // it was cut off: who knows
}

}  // namespace

std::vector<std::string> console_lines(std::string_view log)
{
    std::vector<std::string> lines;
    while (!log.empty()) {
        const auto end = std::min(log.find('\n'), log.size());
        std::string line(log.substr(0, end));
        std::erase(line, '\r');
        lines.push_back(std::move(line));
        log.remove_prefix(std::min(end + 1, log.size()));
    }
    return lines;
}

// "[    1.234567] text", or with a caller field "[    1.234567][    T1] text".
std::string_view without_timestamp(std::string_view line)
{
    bool stamped = false;
    while (line.starts_with('[')) {
        const auto close = line.find(']');
        if (close == std::string_view::npos)
            return line;
        const auto inside = line.substr(1, close - 1);
        if (inside.find_first_not_of(" .0123456789CT") != std::string_view::npos)
            return line;
        line.remove_prefix(close + 1);
        stamped = true;
    }
    if (stamped && line.starts_with(' '))
        line.remove_prefix(1);
    return line;
}

std::vector<std::string> kernel_complaints(std::string_view log)
{
    std::vector<std::string> found;
    const auto lines = console_lines(log);
    for (size_t i = 0; i < lines.size(); i++) {
        const auto line = without_timestamp(lines[i]);
        if (line.starts_with(kRace) ? is_ours(lines, i) : is_complaint(line))
            found.push_back(lines[i]);
    }
    return found;
}

std::string last_line_with(std::string_view log, std::string_view text, std::string_view without)
{
    std::string found;
    for (const auto &line : console_lines(log)) {
        const auto at = line.find(text);
        const bool excluded = !without.empty() && line.find(without) != std::string::npos;
        if (at != std::string::npos && !excluded)
            found = line.substr(at);
    }
    return found;
}

std::vector<std::string> last_lines(std::string_view log, size_t count)
{
    auto lines = console_lines(log);
    if (lines.size() > count)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    return lines;
}

}  // namespace harness
