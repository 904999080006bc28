// SPDX-License-Identifier: GPL-2.0-or-later
// sluice.data: a recording in a file; docs/sluice-data.md describes every byte.
//
// A head, then blocks that are compressed and checked each by itself: written as events come, and
// read as far as they are whole. What is cut off or damaged is counted, and never believed.
#pragma once

#include "sluice/result.h"
#include "trace/codec.h"
#include "trace/info.h"

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace sluice::trace {

class DataWriter {
public:
    static Result<DataWriter> create(const std::string &path, const Info &info);

    Result<> write(const Timed &timed);
    // What is not in the file yet; a crash loses no more than came since the last call.
    Result<> flush();
    // The last word: the recording is complete.
    Result<> finish(uint64_t time_ns, uint64_t lost);

    uint64_t events() const { return events_; }
    uint64_t bytes() const { return bytes_; }

private:
    struct Closer {
        void operator()(std::FILE *file) const { std::fclose(file); }
    };
    DataWriter(std::string path, std::FILE *file) : path_(std::move(path)), file_(file) {}
    Result<> put(std::string_view bytes);

    std::string path_;
    std::unique_ptr<std::FILE, Closer> file_;
    CodecState state_;
    std::string block_;
    uint32_t in_block_ = 0;
    uint64_t events_ = 0;
    uint64_t bytes_ = 0;
};

struct ReadSummary {
    Info info;
    uint64_t events = 0;
    uint64_t unknown_events = 0;  // of a later version
    uint64_t damaged_blocks = 0;
    uint64_t skipped_bytes = 0;  // of the file, because of damage
    bool truncated = false;      // ends within a block
    bool complete = false;       // has the event that is written last
};

// Every event of a file, in order.
Result<ReadSummary> read_data(const std::string &path, const Sink &sink);
// The same of bytes in memory; `path` is for messages.
Result<ReadSummary> read_data(std::string_view bytes, const std::string &path, const Sink &sink);

// "2 blocks are damaged, ..."; empty if all is well.
std::string damage_text(const ReadSummary &summary);

}  // namespace sluice::trace
