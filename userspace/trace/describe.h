// SPDX-License-Identifier: GPL-2.0-or-later
// A recording in a line each: for captions, titles and warnings.
#pragma once

#include "trace/recording.h"

#include <string>

namespace sluice::trace {

std::string title_of(const Recording &recording, const ProcessRecord &process);
// Where and when it was recorded, with which knobs.
std::string origin_of(const Recording &recording);
// What is missing in it; empty if nothing is.
std::string warning_of(const Recording &recording);

}  // namespace sluice::trace
