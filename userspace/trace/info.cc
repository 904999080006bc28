// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/info.h"

#include <bit>
#include <nlohmann/json.hpp>

namespace sluice::trace {

namespace {

using nlohmann::json;

constexpr const char *schema = "sluice.data.info/1";
constexpr uint64_t most_page_bytes = 1 << 16;

}  // namespace

uint64_t Info::tier_of(uint64_t node) const
{
    const auto found = node_tier.find(std::to_string(node));
    return found != node_tier.end() ? found->second : node != 0;
}

uint64_t Info::knob(const std::string &name, uint64_t otherwise) const
{
    const auto found = knobs.find(name);
    return found != knobs.end() ? found->second : otherwise;
}

std::string Info::word(const std::string &field, uint64_t value) const
{
    std::string number = std::to_string(value);
    const auto list = words.find(field);
    if (list == words.end())
        return number;
    const auto found = list->second.find(number);
    return found == list->second.end() ? number : found->second;
}

std::string to_json_text(const Info &info)
{
    return json{{"schema", schema},
                {"source", info.source},
                {"release", info.release},
                {"command", info.command},
                {"pid", info.pid},
                {"start_s", info.start_s},
                {"page_bytes", info.page_bytes},
                {"knobs", info.knobs},
                {"node_tier", info.node_tier},
                {"words", info.words}}
        .dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Info> parse_info(std::string_view text)
{
    try {
        const json parsed = json::parse(text);
        if (parsed.at("schema") != schema)
            return fail(Error{Code::failed, "parse", "the recording's description",
                              "its schema is not " + std::string(schema),
                              "use the version of sluice that recorded it"});
        Info info;
        parsed.at("source").get_to(info.source);
        parsed.at("release").get_to(info.release);
        parsed.at("command").get_to(info.command);
        parsed.at("pid").get_to(info.pid);
        parsed.at("start_s").get_to(info.start_s);
        parsed.at("page_bytes").get_to(info.page_bytes);
        parsed.at("knobs").get_to(info.knobs);
        parsed.at("node_tier").get_to(info.node_tier);
        info.words = parsed.value("words", info.words);
        if (!std::has_single_bit(info.page_bytes) || info.page_bytes > most_page_bytes)
            return fail(Error{Code::failed, "parse", "the recording's description",
                              "no page has " + std::to_string(info.page_bytes) + " bytes",
                              "the file is damaged: record again"});
        return info;
    } catch (const json::exception &error) {
        return fail(Error{Code::failed, "parse", "the recording's description", error.what(),
                          "the file is damaged: record again"});
    }
}

}  // namespace sluice::trace
