// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/knobs.h"

#include "sluice/text.h"

namespace sluice {

namespace {
constexpr std::string_view directory = "/proc/sys/vm/sluice";
}

KnobValue parse_knob(std::string_view text)
{
    const std::string_view value = trim(text);
    if (const auto number = parse_number(value))
        return *number;
    return std::string(value);
}

Result<Knobs> read_knobs(const Sysroot &root)
{
    const auto names = root.list(directory);
    if (!names) {
        Error error = names.error();
        error.code = Code::missing;
        error.hint = "boot a kernel built with CONFIG_SLUICE=y";
        return fail(error);
    }
    Knobs knobs;
    for (const std::string &name : *names) {
        const auto text = root.read(std::string(directory) + "/" + name);
        if (!text)
            return propagate(text);
        knobs.emplace(name, parse_knob(*text));
    }
    return knobs;
}

Result<> write_knob(const Sysroot &root, std::string_view name, std::string_view value)
{
    auto written = root.write(std::string(directory) + "/" + std::string(name), value);
    if (!written) {
        Error error = written.error();
        error.hint = "the kernel's log (dmesg) says why";
        return fail(error);
    }
    return written;
}

bool is_enabled(const Knobs &knobs)
{
    const auto found = knobs.find("enabled");
    return found != knobs.end() && found->second == KnobValue{uint64_t{1}};
}

}  // namespace sluice
