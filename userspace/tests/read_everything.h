// SPDX-License-Identifier: GPL-2.0-or-later
// Any bytes at all as a recording, through all that shows recordings: for the fuzzer, and for the
// seeded test that came out of it.
#pragma once

#include "trace/info.h"

#include <string>
#include <string_view>

namespace sluice {

// A file whose blocks are whole, with as many events as `plain` has before it makes no sense: what
// the checksum would keep a fuzzer from.
std::string recording_of(const trace::Info &info, std::string_view plain);

// The events of a recording as recording_of() takes them.
std::string plain_events_of(std::string_view file);

// Reads it, and makes the report, the page, the pictures and the re-run of each process in it.
// Says how many there were.
size_t read_everything(std::string_view file);

}  // namespace sluice
