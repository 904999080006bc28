// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/codec.h"

#include <utility>

namespace sluice::trace {

namespace {

// Seven bits a byte, the lowest first; the top bit says that more follow.
void put_varint(std::string &out, uint64_t value)
{
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}

bool take_varint(std::string_view &bytes, uint64_t &value)
{
    value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

// Small differences of either sign become small numbers.
uint64_t zigzag(uint64_t difference)
{
    return difference << 1 ^ (0 - (difference >> 63));
}

uint64_t unzigzag(uint64_t value)
{
    return value >> 1 ^ (0 - (value & 1));
}

struct Encoder {
    std::string &out;
    void operator()(uint64_t &last, uint64_t now)
    {
        put_varint(out, zigzag(now - last));
        last = now;
    }
    void operator()(std::string &last, const std::string &now)
    {
        put_varint(out, now.size());
        out += now;
        last = now;
    }
};

// What a shorter record does not have is zero: it was written before the field was there.
struct Decoder {
    std::string_view payload;
    bool good = true;

    void operator()(const char *, uint64_t &field)
    {
        uint64_t value = 0;
        if (payload.empty())
            field = 0;
        else if (take_varint(payload, value))
            field += unzigzag(value);
        else
            good = false;
    }
    void operator()(const char *, std::string &field)
    {
        uint64_t length = 0;
        field.clear();
        if (payload.empty())
            return;
        good = good && take_varint(payload, length) && length <= payload.size();
        if (!good)
            return;
        field = payload.substr(0, length);
        payload.remove_prefix(length);
    }
};

// Calls f(field of a, field of b) for each field of two events of one kind.
template <class E, class F>
void for_each_pair(E &a, E &b, F &&f)
{
    size_t at = 0;
    a.fields([&](const char *, auto &field_a) {
        size_t other = 0;
        b.fields([&](const char *, auto &field_b) {
            if constexpr (std::is_same_v<decltype(field_a), decltype(field_b)>)
                if (other == at)
                    f(field_a, field_b);
            ++other;
        });
        ++at;
    });
}

template <size_t... I>
std::array<Event, event_kinds> make_all(std::index_sequence<I...>)
{
    return {Event(std::in_place_index<I>)...};
}

}  // namespace

std::array<Event, event_kinds> CodecState::first_of_each()
{
    return make_all(std::make_index_sequence<event_kinds>());
}

void encode(CodecState &state, const Timed &timed, std::string &out)
{
    std::string payload;
    put_varint(payload, zigzag(timed.time_ns - state.time_ns));
    state.time_ns = timed.time_ns;
    std::visit(
        [&]<class E>(const E &event) {
            E now = event;
            for_each_pair(std::get<E>(state.last[timed.event.index()]), now, Encoder{payload});
        },
        timed.event);
    put_varint(out, timed.event.index());
    put_varint(out, payload.size());
    out += payload;
}

Decoded decode(CodecState &state, std::string_view &bytes, Timed &timed)
{
    uint64_t kind = 0, length = 0, time = 0;
    if (!take_varint(bytes, kind) || !take_varint(bytes, length) || length > bytes.size())
        return Decoded::malformed;
    Decoder decoder{bytes.substr(0, length)};
    bytes.remove_prefix(length);
    if (!take_varint(decoder.payload, time))
        return Decoded::malformed;
    state.time_ns += unzigzag(time);
    if (kind >= event_kinds)
        return Decoded::unknown;
    std::visit([&](auto &event) { event.fields(decoder); }, state.last[kind]);
    if (!decoder.good)
        return Decoded::malformed;
    timed.time_ns = state.time_ns;
    timed.event = state.last[kind];
    return Decoded::event;
}

}  // namespace sluice::trace
