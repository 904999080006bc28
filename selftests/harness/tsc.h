// SPDX-License-Identifier: GPL-2.0-or-later
// How fast this host's time stamp counter runs.
#pragma once

namespace harness {

// In kHz; measured once, in a few milliseconds. 0 where there is none.
unsigned host_tsc_khz();

}  // namespace harness
