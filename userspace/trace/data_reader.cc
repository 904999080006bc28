// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/data_file.h"
#include "trace/data_format.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <cerrno>
#include <vector>

namespace sluice::trace {

namespace {

Error not_ours(const std::string &path, std::string reason)
{
    return {Code::failed, "read", path, std::move(reason), "name a file that sluice record wrote"};
}

Error cannot_open(const std::string &path, int errno_value)
{
    Error error = os_error("read", path, errno_value);
    if (errno_value == ENOENT)
        error.hint = "sluice record writes one; --input names another";
    return error;
}

// A file as bytes in memory, read by the kernel as they are looked at.
class Mapping {
public:
    static Result<Mapping> open(const std::string &path)
    {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return fail(cannot_open(path, errno));
        struct stat stat{};
        Mapping mapping;
        int error = ::fstat(fd, &stat) != 0 ? errno : S_ISREG(stat.st_mode) ? 0 : EINVAL;
        if (error == 0 && stat.st_size != 0) {
            mapping.size_ = static_cast<size_t>(stat.st_size);
            mapping.data_ = ::mmap(nullptr, mapping.size_, PROT_READ, MAP_PRIVATE, fd, 0);
            if (mapping.data_ == MAP_FAILED)
                error = errno;
        }
        ::close(fd);
        if (error != 0)
            return fail(os_error("read", path, error));
        return mapping;
    }
    Mapping(Mapping &&other) noexcept
        : data_(std::exchange(other.data_, MAP_FAILED)), size_(other.size_)
    {
    }
    ~Mapping()
    {
        if (data_ != MAP_FAILED)
            ::munmap(data_, size_);
    }
    std::string_view bytes() const
    {
        return data_ == MAP_FAILED ? "" : std::string_view(static_cast<const char *>(data_), size_);
    }

private:
    Mapping() = default;
    void *data_ = MAP_FAILED;
    size_t size_ = 0;
};

// The events of one block; false if it is not what was written.
bool read_block(std::string_view packed, size_t plain_bytes, uint32_t records,
                std::vector<Timed> &events, uint64_t &unknown)
{
    std::string plain(plain_bytes, '\0');
    const size_t size = ZSTD_decompress(plain.data(), plain.size(), packed.data(), packed.size());
    if (ZSTD_isError(size) || size != plain_bytes)
        return false;
    CodecState state;
    std::string_view rest = plain;
    Timed timed;
    for (; records != 0 && !rest.empty(); --records) {
        const Decoded decoded = decode(state, rest, timed);
        if (decoded == Decoded::malformed)
            return false;
        if (decoded == Decoded::event)
            events.push_back(timed);
        else
            ++unknown;
    }
    return records == 0 && rest.empty();
}

// What the reader does with the blocks of one file.
class BlockReader {
public:
    BlockReader(std::string_view bytes, const Sink &sink, ReadSummary &summary)
        : bytes_(bytes), sink_(sink), summary_(summary)
    {
    }

    void read_all()
    {
        while (!bytes_.empty())
            if (!read_one())
                skip_damage();
    }

private:
    bool read_one()
    {
        if (bytes_.size() < block_head_bytes) {
            summary_.truncated = block_magic.starts_with(bytes_.substr(0, block_magic.size()));
            return false;
        }
        const size_t packed = get_u32(bytes_, 4), plain = get_u32(bytes_, 8);
        if (!bytes_.starts_with(block_magic) || plain > most_block_plain_bytes ||
            packed > ZSTD_compressBound(plain))
            return false;
        if (packed > bytes_.size() - block_head_bytes) {
            summary_.truncated = true;
            return false;
        }
        std::vector<Timed> events;
        if (!read_block(bytes_.substr(block_head_bytes, packed), plain, get_u32(bytes_, 12), events,
                        summary_.unknown_events))
            return false;
        bytes_.remove_prefix(block_head_bytes + packed);
        for (const Timed &timed : events) {
            summary_.complete = std::holds_alternative<End>(timed.event);
            sink_(timed);
        }
        summary_.events += events.size();
        return true;
    }

    // To the next place where a block could begin.
    void skip_damage()
    {
        const size_t next = std::min(bytes_.find(block_magic, 1), bytes_.size());
        summary_.skipped_bytes += next;
        ++summary_.damaged_blocks;
        summary_.truncated &= next == bytes_.size();
        bytes_.remove_prefix(next);
    }

    std::string_view bytes_;
    const Sink &sink_;
    ReadSummary &summary_;
};

}  // namespace

Result<ReadSummary> read_data(std::string_view bytes, const std::string &path, const Sink &sink)
{
    if (!bytes.starts_with(file_magic) || bytes.size() < file_head_bytes)
        return fail(not_ours(path, "not a recording of sluice"));
    const uint32_t version = get_u32(bytes, 8), info_bytes = get_u32(bytes, 12);
    if (version != file_version)
        return fail(
            Error{Code::failed, "read", path,
                  fmt::format("its format is version {}, known is {}", version, file_version),
                  "use the version of sluice that recorded it"});
    if (info_bytes > most_info_bytes || info_bytes > bytes.size() - file_head_bytes)
        return fail(not_ours(path, "it ends within its description"));
    auto info = parse_info(bytes.substr(file_head_bytes, info_bytes));
    if (!info)
        return propagate(info);
    ReadSummary summary;
    summary.info = std::move(*info);
    BlockReader(bytes.substr(file_head_bytes + info_bytes), sink, summary).read_all();
    return summary;
}

Result<ReadSummary> read_data(const std::string &path, const Sink &sink)
{
    const auto mapping = Mapping::open(path);
    if (!mapping)
        return propagate(mapping);
    return read_data(mapping->bytes(), path, sink);
}

std::string damage_text(const ReadSummary &summary)
{
    std::string text;
    if (summary.damaged_blocks > (summary.truncated ? 1 : 0))
        text = fmt::format("{} places are damaged, {} bytes left out; ", summary.damaged_blocks,
                           summary.skipped_bytes);
    if (summary.truncated)
        text += "it ends within a block; ";
    if (!summary.complete)
        text += "it was not ended properly; ";
    if (summary.unknown_events != 0)
        text += fmt::format("{} events are of a later version; ", summary.unknown_events);
    return text.substr(0, text.size() - std::min<size_t>(text.size(), 2));
}

}  // namespace sluice::trace
