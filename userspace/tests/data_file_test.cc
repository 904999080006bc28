// SPDX-License-Identifier: GPL-2.0-or-later
// sluice.data: what is written is read; what is cut off or damaged is told and never believed.
#include "trace/data_file.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/run_command.h"
#include "trace/data_format.h"
#include "workload/random.h"

namespace sluice::trace {
namespace {

// Any values: the format must not care which are likely.
struct Fill {
    Random &random;
    void operator()(const char *, uint64_t &field) { field = random.next() >> random.below(64); }
    void operator()(const char *, std::string &field)
    {
        field.resize(random.below(16));
        for (char &c : field)
            c = static_cast<char>(random.next());
    }
};

template <size_t I = 0>
Event any_event(size_t kind, Random &random)
{
    if constexpr (I < event_kinds) {
        if (kind != I)
            return any_event<I + 1>(kind, random);
        std::variant_alternative_t<I, Event> event;
        event.fields(Fill{random});
        return event;
    }
    return End{};
}

std::vector<Timed> any_events(size_t nr, uint64_t seed)
{
    Random random(seed);
    std::vector<Timed> events;
    uint64_t time = 0;
    for (size_t i = 0; i < nr; ++i)
        events.push_back(
            {time += random.below(1'000'000), any_event(random.below(event_kinds - 1), random)});
    return events;
}

std::string text_of(const Timed &timed)
{
    std::string text = std::to_string(timed.time_ns);
    std::visit(
        [&](auto event) {
            text += event.name;
            event.fields([&](const char *name, auto &field) {
                text += std::string(" ") + name + "=";
                if constexpr (std::is_same_v<std::decay_t<decltype(field)>, std::string>)
                    text += field;
                else
                    text += std::to_string(field);
            });
        },
        timed.event);
    return text;
}

class DataFile : public testing::Test {
protected:
    // Blocks of `in_block` events each.
    std::string write(const std::vector<Timed> &events, size_t in_block, bool finish = true)
    {
        Info info;
        info.release = "6.12";
        info.command = "a \"b\" \xff";
        info.knobs["sample_period"] = 4093;
        info.node_tier["1"] = 1;
        auto writer = DataWriter::create(path_, info);
        EXPECT_TRUE(writer) << describe(writer.error());
        for (size_t i = 0; i < events.size(); ++i) {
            EXPECT_TRUE(writer->write(events[i]));
            if ((i + 1) % in_block == 0) {
                EXPECT_TRUE(writer->flush());
            }
        }
        EXPECT_TRUE(finish ? writer->finish(events.back().time_ns, 17) : writer->flush());
        const std::string bytes = read_file(path_);
        EXPECT_EQ(bytes.size(), writer->bytes());
        return bytes;
    }

    Result<ReadSummary> read(std::string_view bytes)
    {
        seen_.clear();
        return read_data(bytes, "memory", [this](const Timed &timed) { seen_.push_back(timed); });
    }

    // What was seen is a part of what was written, in order, with nothing else in between.
    void expect_part_of(const std::vector<Timed> &events)
    {
        size_t at = 0;
        for (const Timed &timed : seen_) {
            if (std::holds_alternative<End>(timed.event))
                continue;
            const std::string text = text_of(timed);
            while (at < events.size() && text_of(events[at]) != text)
                ++at;
            ASSERT_LT(at++, events.size()) << "never written: " << text;
        }
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.path() + "/sluice.data";
    std::vector<Timed> seen_;
};

TEST_F(DataFile, EveryEventComesBack)
{
    const auto events = any_events(20'000, 1);
    write(events, 6'000);
    const auto summary = read_data(path_, [this](const Timed &timed) { seen_.push_back(timed); });
    ASSERT_TRUE(summary) << describe(summary.error());
    EXPECT_EQ(summary->info.release, "6.12");
    EXPECT_EQ(summary->info.knob("sample_period", 0), 4093u);
    EXPECT_EQ(summary->info.tier_of(1), 1u);
    ASSERT_EQ(seen_.size(), events.size() + 1);
    for (size_t i = 0; i < events.size(); ++i)
        ASSERT_EQ(text_of(seen_[i]), text_of(events[i])) << i;
    EXPECT_EQ(std::get<End>(seen_.back().event).lost, 17u);
    EXPECT_TRUE(summary->complete);
    EXPECT_EQ(damage_text(*summary), "");
}

TEST_F(DataFile, SamplesTakeFewBytes)
{
    std::vector<Timed> events;
    Random random(1);
    for (uint64_t i = 0; i < 100'000; ++i)
        events.push_back({1'000'000 + i, Sample{412, 7, 0x7f0000000000 + random.below(1 << 30)}});
    EXPECT_LT(write(events, 1'000'000).size(), events.size() * 6);
}

TEST_F(DataFile, CutOffAnywhereGivesWhatIsWhole)
{
    const auto events = any_events(300, 2);
    const std::string bytes = write(events, 50);
    size_t before = 0;
    for (size_t length = bytes.size() % 13; length <= bytes.size(); length += 13) {
        const auto summary = read(std::string_view(bytes).substr(0, length));
        if (!summary)
            continue;
        EXPECT_GE(seen_.size(), before) << "more bytes, fewer events";
        before = seen_.size();
        EXPECT_EQ(seen_.size() % 50, seen_.size() > 300 ? 1u : 0u) << "whole blocks only";
        if (length < bytes.size()) {
            EXPECT_FALSE(summary->complete) << length;
            EXPECT_NE(damage_text(*summary), "") << length;
        }
        expect_part_of(events);
    }
    EXPECT_EQ(before, events.size() + 1);
}

TEST_F(DataFile, ADamagedByteCostsItsBlockAlone)
{
    const auto events = any_events(300, 3);
    const std::string bytes = write(events, 50);
    const size_t first_block = bytes.find(block_magic);
    for (size_t at = first_block; at < bytes.size(); at += 29) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
        const auto summary = read(damaged);
        ASSERT_TRUE(summary);
        expect_part_of(events);
        EXPECT_GE(seen_.size(), 250u) << "byte " << at << ": " << damage_text(*summary);
        EXPECT_TRUE(seen_.size() < 301 ? damage_text(*summary) != "" : true) << at;
    }
}

TEST_F(DataFile, AnUnfinishedRecordingSaysSo)
{
    const auto summary = read(write(any_events(10, 4), 5, false));
    ASSERT_TRUE(summary);
    EXPECT_EQ(seen_.size(), 10u);
    EXPECT_EQ(damage_text(*summary), "it was not ended properly");
}

TEST_F(DataFile, LaterVersionsMayAppendFieldsAndKinds)
{
    CodecState writing;
    std::string bytes;
    encode(writing, {5, Lost{1, 2}}, bytes);
    const size_t known = bytes.size();
    bytes[1] = static_cast<char>(bytes[1] + 3);  // the length: three bytes more
    bytes += std::string("\x01\x02\x03", 3);
    bytes += std::string("\x7f\x02\x00\x00", 4);  // a kind that nobody knows
    encode(writing, {6, Lost{3, 4}}, bytes);
    CodecState reading;
    std::string_view rest = bytes;
    Timed timed;
    ASSERT_EQ(decode(reading, rest, timed), Decoded::event);
    EXPECT_EQ(rest.size(), bytes.size() - known - 3);
    EXPECT_EQ(decode(reading, rest, timed), Decoded::unknown);
    ASSERT_EQ(decode(reading, rest, timed), Decoded::event);
    EXPECT_EQ(text_of(timed), text_of({6, Lost{3, 4}}));
    // And an earlier one has written fewer: what is missing is zero.
    std::string shorter("\x0b\x02\x00\x04", 4);
    rest = shorter;
    CodecState fresh;
    ASSERT_EQ(decode(fresh, rest, timed), Decoded::event);
    EXPECT_EQ(text_of(timed), text_of({0, Lost{2, 0}}));
}

// A record says how long it is, and so does a text in it: more than there is, is damage.
TEST(Codec, LengthsAreNotBelieved)
{
    const Timed written{1, Process{1, 0, 0, "abc"}};
    for (const size_t from_end : {size_t{0}, size_t{4}}) {  // of the record; of the text
        CodecState writer, reader;
        std::string bytes;
        encode(writer, written, bytes);
        std::string_view rest = bytes;
        Timed read;
        ASSERT_EQ(decode(reader, rest, read), Decoded::event);
        const size_t at = from_end == 0 ? 1 : bytes.size() - from_end;
        bytes[at] = static_cast<char>(bytes[at] + 1);
        rest = bytes;
        reader = {};
        EXPECT_EQ(decode(reader, rest, read), Decoded::malformed) << from_end;
    }
}

TEST_F(DataFile, OtherFilesAreRefusedByName)
{
    const std::string good = write(any_events(5, 5), 5);
    std::string future = good;
    future[8] = 2;
    for (const std::string &bytes : {std::string(), std::string("PERFILE2"), good.substr(0, 20),
                                     future, std::string(file_magic) + "aaaabbbbcccc"}) {
        const auto summary = read(bytes);
        ASSERT_FALSE(summary);
        EXPECT_EQ(summary.error().code, Code::failed);
        EXPECT_NE(summary.error().hint, "");
    }
    const auto missing = read_data("/nowhere/sluice.data", {});
    EXPECT_NE(describe(missing.error()).find("cannot read /nowhere/sluice.data: No such file"),
              std::string::npos);
    EXPECT_FALSE(read_data(directory_.path(), {}));
}

TEST_F(DataFile, RandomBytesNeverHurt)
{
    const auto events = any_events(100, 6);
    const std::string bytes = write(events, 20);
    Random random(9);
    for (int run = 0; run < 2000; ++run) {
        std::string damaged = bytes;
        for (uint64_t i = random.below(20) + 1; i > 0; --i)
            damaged[random.below(damaged.size())] = static_cast<char>(random.next());
        if (read(damaged))
            expect_part_of(events);
    }
}

}  // namespace
}  // namespace sluice::trace
