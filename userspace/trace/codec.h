// SPDX-License-Identifier: GPL-2.0-or-later
// Events as bytes. A record is: kind, length, time, fields; numbers are differences to the last
// event of the same kind in the same block, so that what repeats takes one byte.
#pragma once

#include "trace/event.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::trace {

constexpr size_t event_kinds = std::variant_size_v<Event>;

// What the differences are to; one per block and direction.
struct CodecState {
    uint64_t time_ns = 0;
    std::array<Event, event_kinds> last = first_of_each();

    static std::array<Event, event_kinds> first_of_each();
};

void encode(CodecState &state, const Timed &timed, std::string &out);

enum class Decoded { event, unknown, malformed };

// Takes one record from the front of `bytes`. unknown: of a kind that a later version has brought.
Decoded decode(CodecState &state, std::string_view &bytes, Timed &timed);

}  // namespace sluice::trace
