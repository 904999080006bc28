// SPDX-License-Identifier: GPL-2.0-or-later
// What QEMU tells the guest, and what the guest asks of those who have started QEMU.
#pragma once

namespace rt {

// How often the machine has been saved, and has gone on in another QEMU.
unsigned moves();

void ask_harness(const char *what);

}  // namespace rt
