// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/raw_parser.h"

#include "trace/codec.h"
#include "trace/tracefs.h"

#include <fmt/format.h>
#include <array>
#include <cstring>
#include <unordered_map>

extern "C" {
#include <event-parse.h>
#include <kbuffer.h>
}

namespace sluice::trace {

namespace {

struct FreeTep {
    void operator()(tep_handle *tep) const { tep_free(tep); }
};
struct FreeBuffer {
    void operator()(kbuffer *buffer) const { kbuffer_free(buffer); }
};

// An event as this program knows it, and where its fields are in the kernel's record.
struct Kind {
    size_t index;  // in Event
    std::vector<tep_format_field *>
        fields;  // in the order of fields(); null: the kernel has it not
};

uint64_t read_field(tep_format_field *field, const void *record)
{
    unsigned long long value = 0;
    if (!field || tep_read_number_field(field, record, &value) != 0)
        return 0;
    if ((field->flags & TEP_FIELD_IS_SIGNED) && field->size == 4)
        return static_cast<uint64_t>(static_cast<int32_t>(value));
    return value;
}

struct FieldReader {
    const Kind &kind;
    const void *record;
    size_t at = 0;
    void operator()(const char *, uint64_t &field)
    {
        field = read_field(kind.fields[at++], record);
    }
    void operator()(const char *, std::string &) { ++at; }
};

// A page: its time, and the bytes that are used of the rest with two flags on top; after them, if
// the second flag is set, the number of events that are missing.
bool fits(std::span<const std::byte> page)
{
    constexpr size_t head_bytes = 16;
    constexpr uint64_t used_mask = (uint64_t{1} << 27) - 1, missing_stored = uint64_t{1} << 30;
    uint64_t used = 0;
    if (page.size() < head_bytes)
        return false;
    std::memcpy(&used, page.data() + 8, sizeof(used));
    return (used & used_mask) + (used & missing_stored ? 8 : 0) <= page.size() - head_bytes;
}

}  // namespace

struct RawParser::State {
    std::unique_ptr<tep_handle, FreeTep> tep{tep_alloc()};
    std::unique_ptr<kbuffer, FreeBuffer> buffer{
        kbuffer_alloc(KBUFFER_LSIZE_8, KBUFFER_ENDIAN_LITTLE)};
    std::unordered_map<int, Kind> kinds;  // by the kernel's number
    std::vector<std::string> missing;
    std::map<std::string, std::map<std::string, std::string>> words;

    Result<> add(const Sysroot &root, const std::string &directory, Event &event, size_t index);
    void note_words(const char *name, const std::string &format);
};

RawParser::RawParser(std::unique_ptr<State> state) : state_(std::move(state)) {}
RawParser::RawParser(RawParser &&) noexcept = default;
RawParser::~RawParser() = default;

std::vector<std::string> RawParser::missing() const
{
    return state_->missing;
}

const std::map<std::string, std::map<std::string, std::string>> &RawParser::words() const
{
    return state_->words;
}

std::map<std::string, std::map<std::string, std::string>> symbols_of(std::string_view format)
{
    constexpr std::string_view call = "__print_symbolic(REC->";
    std::map<std::string, std::map<std::string, std::string>> symbols;
    for (size_t at = 0; (at = format.find(call, at)) != std::string_view::npos;) {
        at += call.size();
        const size_t comma = format.find(',', at);
        if (comma == std::string_view::npos)
            break;
        auto &words = symbols[std::string(format.substr(at, comma - at))];
        for (at = comma; at < format.size() && format[at] != ')';) {
            const size_t open = format.find_first_of("{)", at);
            if (open == std::string_view::npos || format[open] == ')')
                break;
            const size_t end = format.find('}', open);
            const size_t quote = format.find('"', open);
            const size_t unquote = format.find('"', quote + 1);
            if (end == std::string_view::npos || unquote > end)
                break;
            std::string_view number = format.substr(open + 1, format.find(',', open) - open - 1);
            number.remove_prefix(std::min(number.find_first_not_of(' '), number.size()));
            words[std::string(number)] = format.substr(quote + 1, unquote - quote - 1);
            at = end + 1;
        }
    }
    return symbols;
}

void RawParser::State::note_words(const char *name, const std::string &format)
{
    for (auto &[field, list] : symbols_of(format))
        words[std::string(name) + "." + field] = list;
}

// Events that only this program writes (process, end) are missing in every kernel: no file, no
// word.
Result<> RawParser::State::add(const Sysroot &root, const std::string &directory, Event &event,
                               size_t index)
{
    const char *name = std::visit([](auto &e) { return e.name; }, event);
    const std::string path = fmt::format("{}/events/sluice/sluice_{}/format", directory, name);
    if (!root.exists(path)) {
        missing.emplace_back(name);
        return {};
    }
    const auto format = root.read(path);
    if (!format)
        return propagate(format);
    if (tep_parse_event(tep.get(), format->data(), format->size(), "sluice") != TEP_ERRNO__SUCCESS)
        return fail(Error{Code::failed, "parse", path, "not a format of an event", ""});
    note_words(name, *format);
    tep_event *parsed =
        tep_find_event_by_name(tep.get(), "sluice", fmt::format("sluice_{}", name).c_str());
    if (!parsed)
        return fail(Error{Code::failed, "parse", path, "its name is not that of its folder", ""});
    Kind kind{index, {}};
    std::visit(
        [&](auto &e) {
            e.fields([&](const char *field, auto &) {
                kind.fields.push_back(tep_find_field(parsed, field));
            });
        },
        event);
    kinds.emplace(parsed->id, std::move(kind));
    return {};
}

Result<RawParser> RawParser::create(const Sysroot &root, const std::string &directory)
{
    auto state = std::make_unique<State>();
    const std::string events = directory + "/events/sluice";
    if (!root.exists(events))
        return fail(no_events(root, root.resolve(events).string()));
    const auto header = root.read(directory + "/events/header_page");
    if (!header)
        return propagate(header);
    tep_set_local_bigendian(state->tep.get(), TEP_LITTLE_ENDIAN);
    tep_set_file_bigendian(state->tep.get(), TEP_LITTLE_ENDIAN);
    tep_set_long_size(state->tep.get(), 8);
    std::string text = *header;
    if (tep_parse_header_page(state->tep.get(), text.data(), text.size(), 8) != 0)
        return fail(Error{Code::failed, "parse", directory + "/events/header_page",
                          "not a description of a trace page", ""});
    std::array<Event, event_kinds> all = CodecState::first_of_each();
    for (size_t i = 0; i < all.size(); ++i)
        if (const auto added = state->add(root, directory, all[i], i); !added)
            return propagate(added);
    if (state->kinds.empty())
        return fail(no_events(root, root.resolve(events).string()));
    return RawParser(std::move(state));
}

Result<uint64_t> RawParser::parse(std::span<std::byte> page, std::vector<Timed> &events)
{
    kbuffer *buffer = state_->buffer.get();
    static const std::array<Event, event_kinds> empty = CodecState::first_of_each();
    // The library believes what the page says of its own length.
    if (!fits(page) || kbuffer_load_subbuffer(buffer, page.data()) != 0)
        return fail(Error{Code::failed, "parse", "a page of the trace buffer",
                          "it is not what the kernel writes", ""});
    const int missed = kbuffer_missed_events(buffer);
    unsigned long long time = 0;
    while (void *data = kbuffer_read_event(buffer, &time)) {
        tep_record record = {};
        record.data = data;
        record.size = kbuffer_event_size(buffer);
        const auto kind = state_->kinds.find(tep_data_type(state_->tep.get(), &record));
        if (kind != state_->kinds.end()) {
            Timed timed{time, empty[kind->second.index]};
            std::visit([&](auto &event) { event.fields(FieldReader{kind->second, data}); },
                       timed.event);
            events.push_back(std::move(timed));
        }
        kbuffer_next_event(buffer, nullptr);
    }
    // -1: some, but the kernel had no room to say how many.
    return missed < 0 ? 1 : static_cast<uint64_t>(missed);
}

}  // namespace sluice::trace
