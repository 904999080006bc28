// SPDX-License-Identifier: GPL-2.0-or-later
// What outlives a restart of the machine: memory that nothing of the image or the firmware uses.
#pragma once

#include <stdint.h>

namespace rt {

struct Progress {
    unsigned done;  // tests whose results are out
    unsigned failed;
};

Progress &progress();

// At each start of the machine. One that nobody asked for is the end: a triple fault, most likely.
void note_restart();
unsigned restarts();

// Starts the machine anew, through its reset control; the test that did is run again.
[[noreturn]] void restart_machine();

}  // namespace rt
