// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/perf_output.h"

#include <charconv>
#include <sstream>
#include <stdexcept>

namespace guest {

namespace {

uint64_t number(std::string_view text, int base)
{
    uint64_t value = 0;
    if (base == 16 && text.starts_with("0x"))
        text.remove_prefix(2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size())
        throw std::runtime_error("not a number in perf's output: '" + std::string(text) + "'");
    return value;
}

std::vector<std::string> split(const std::string &text, char separator)
{
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, separator);)
        parts.push_back(part);
    return parts;
}

std::vector<std::string> words(const std::string &text)
{
    std::vector<std::string> out;
    std::istringstream in(text);
    for (std::string word; in >> word;)
        out.push_back(word);
    return out;
}

// "EVENT: ADDRESS SOURCE |OP LOAD|LVL L3 hit|...|BLK  N/A WEIGHT IP SYMBOL ABI:2 BX:0x..."
PerfSample parse_line(const std::string &line)
{
    constexpr char kLevel[] = "|LVL ";
    PerfSample sample;
    const auto event_end = line.find(": ");
    const auto level = line.find(kLevel);
    const auto last_bar = line.rfind('|');
    if (event_end == std::string::npos || level == std::string::npos || last_bar <= level)
        throw std::runtime_error("a line of perf script that nobody expected: " + line);
    sample.event = words(line.substr(0, event_end)).at(0);
    sample.address = number(words(line.substr(event_end + 2)).at(0), 16);
    const auto from = level + sizeof(kLevel) - 1;
    sample.level = line.substr(from, line.find('|', from) - from);
    const auto rest = words(line.substr(last_bar + 1));  // BLK N/A WEIGHT IP SYMBOL ABI REGISTERS
    sample.weight = number(rest.at(2), 10);
    sample.ip = number(rest.at(3), 16);
    sample.symbol = rest.at(4);
    for (size_t i = 5; i < rest.size(); i++) {
        const auto colon = rest[i].find(":0x");
        if (colon != std::string::npos)
            sample.registers[rest[i].substr(0, colon)] = number(rest[i].substr(colon + 1), 16);
    }
    return sample;
}

}  // namespace

// COUNT;UNIT;EVENT;RUN TIME;PERCENT OF THE TIME;...
std::map<std::string, uint64_t> parse_stat(std::string_view csv)
{
    std::map<std::string, uint64_t> counts;
    for (const auto &line : split(std::string(csv), '\n')) {
        const auto fields = split(line, ';');
        if (line.starts_with('#') || fields.size() < 5 || fields[4] != "100.00")
            continue;
        counts[fields[2]] = number(fields[0], 10);
    }
    return counts;
}

std::vector<PerfSample> parse_script(std::string_view text)
{
    std::vector<PerfSample> samples;
    for (const auto &line : split(std::string(text), '\n'))
        if (line.find_first_not_of(' ') != std::string::npos)
            samples.push_back(parse_line(line));
    return samples;
}

bool is_precise(const std::string &event)
{
    return event.substr(event.find_last_of("/:") + 1).find_first_of("pP") != std::string::npos;
}

uint64_t sum_of_interrupts(std::string_view text, const std::string &name)
{
    uint64_t sum = 0;
    for (const auto &line : split(std::string(text), '\n')) {
        const auto fields = words(line);
        if (fields.empty() || fields[0] != name)
            continue;
        for (size_t i = 1; i < fields.size() && isdigit(fields[i][0]); i++)
            sum += number(fields[i], 10);
    }
    return sum;
}

}  // namespace guest
