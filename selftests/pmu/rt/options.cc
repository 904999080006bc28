// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/options.h"

#include "rt/print.h"

namespace rt {

namespace {

// The start of what a PVH kernel is given.
struct StartInfo {
    uint32_t magic, version, flags, nr_modules;
    uint64_t modules, command_line;
};

constexpr uint32_t kMagic = 0x336ec578;

constinit Options parsed;

uint64_t take_number(const char *&s)
{
    uint64_t n = 0;
    while (*s >= '0' && *s <= '9')
        n = 10 * n + static_cast<uint64_t>(*s++ - '0');
    return n;
}

template <unsigned N>
void take_word(const char *s, char (&to)[N])
{
    unsigned i = 0;
    for (; s[i] && s[i] != ' ' && i < N - 1; i++)
        to[i] = s[i];
    to[i] = 0;
}

void take_nodes(const char *s)
{
    uint64_t start = 0;
    while (*s >= '0' && *s <= '9' && parsed.nodes < 4) {
        MemoryNode &node = parsed.node[parsed.nodes++];
        node.start = start;
        node.size = take_number(s) << 20;
        start += node.size;
        if (*s == '/')
            node.latency_ns = take_number(++s);
        if (*s == ',')
            s++;
    }
}

void take_option(const char *s)
{
    const char *value = s;
    while (*value && *value != ' ' && *value != '=')
        value++;
    if (*value == '=')
        value++;
    if (begins_with(s, "vcpus="))
        parsed.vcpus = static_cast<unsigned>(take_number(value));
    else if (begins_with(s, "nodes="))
        take_nodes(value);
    else if (begins_with(s, "virtual_time"))
        parsed.virtual_time = true;
    else if (begins_with(s, "group="))
        take_word(value, parsed.group);
    else if (begins_with(s, "test="))
        take_word(value, parsed.test);
    else if (begins_with(s, "idle"))
        parsed.idle = true;
}

}  // namespace

bool equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

bool begins_with(const char *s, const char *prefix)
{
    while (*prefix)
        if (*s++ != *prefix++)
            return false;
    return true;
}

void parse_options(uint64_t start_info)
{
    const auto *info = reinterpret_cast<const StartInfo *>(start_info);
    if (info->magic != kMagic)
        panic(text("not started as a PVH kernel"));
    const char *s = reinterpret_cast<const char *>(info->command_line);
    while (s && *s) {
        if (*s != ' ')
            take_option(s);
        while (*s && *s != ' ')
            s++;
        while (*s == ' ')
            s++;
    }
}

const Options &options()
{
    return parsed;
}

}  // namespace rt
