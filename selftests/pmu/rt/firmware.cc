// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/firmware.h"

#include "rt/options.h"
#include "rt/print.h"
#include "rt/x86.h"

namespace rt {

namespace {

constexpr uint16_t kSelect = 0x510, kData = 0x511;
constexpr uint16_t kDirectory = 0x19;

uint32_t take(unsigned bytes)
{
    uint32_t value = 0;  // big endian
    while (bytes--)
        value = value << 8 | in8(kData);
    return value;
}

// The key of a file of QEMU's -fw_cfg.
uint16_t find_file(const char *wanted)
{
    out16(kSelect, kDirectory);
    for (uint32_t files = take(4); files; files--) {
        char name[56];
        take(4);  // size
        const auto key = static_cast<uint16_t>(take(2));
        take(2);
        for (char &c : name)
            c = static_cast<char>(take(1));
        if (equal(name, wanted))
            return key;
    }
    panic(text("no file ", wanted, " in QEMU's firmware configuration"));
}

}  // namespace

unsigned moves()
{
    static constinit uint16_t key = 0;
    if (!key)
        key = find_file("opt/sluice/moves");
    out16(kSelect, key);
    return take(1) - '0';
}

void ask_harness(const char *what)
{
    console_line(text("harness: ", what));
}

}  // namespace rt
