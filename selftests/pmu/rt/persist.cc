// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/persist.h"

#include "rt/print.h"
#include "rt/x86.h"

namespace rt {

namespace {

constexpr uint64_t kMagic = 0x736c7569636531;

struct Persistent {
    uint64_t magic;
    bool wanted;
    unsigned restarts;
    Progress progress;
};

Persistent &persistent()
{
    return *reinterpret_cast<Persistent *>(15ull << 20);
}

}  // namespace

Progress &progress()
{
    return persistent().progress;
}

void note_restart()
{
    Persistent &p = persistent();
    if (p.magic != kMagic)
        p = {kMagic, false, 0, {}};
    else if (!p.wanted)
        panic(text("the machine has restarted by itself (a triple fault?)"));
    else
        p.restarts++;
    p.wanted = false;
}

unsigned restarts()
{
    return persistent().restarts;
}

void restart_machine()
{
    persistent().wanted = true;
    out8(0xcf9, 2);
    out8(0xcf9, 6);
    for (;;)
        asm volatile("cli; hlt");
}

}  // namespace rt
