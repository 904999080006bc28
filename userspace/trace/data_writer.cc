// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/data_file.h"
#include "trace/data_format.h"

#include <zstd.h>
#include <cerrno>

namespace sluice::trace {

namespace {

constexpr int compression_level = 3;

struct FreeContext {
    void operator()(ZSTD_CCtx *context) const { ZSTD_freeCCtx(context); }
};

// With a checksum in the frame, which the reader relies on.
Result<std::string> compress(std::string_view plain, const std::string &path)
{
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, compression_level);
    ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    const size_t size =
        ZSTD_compress2(context.get(), out.data(), out.size(), plain.data(), plain.size());
    if (ZSTD_isError(size))
        return fail(Error{Code::failed, "compress", path, ZSTD_getErrorName(size), ""});
    out.resize(size);
    return out;
}

}  // namespace

Result<DataWriter> DataWriter::create(const std::string &path, const Info &info)
{
    std::FILE *file = std::fopen(path.c_str(), "wbe");
    if (!file)
        return fail(os_error("write", path, errno));
    DataWriter writer(path, file);
    const std::string text = to_json_text(info);
    std::string head(file_magic);
    put_u32(head, file_version);
    put_u32(head, static_cast<uint32_t>(text.size()));
    if (const auto put = writer.put(head + text); !put)
        return propagate(put);
    return writer;
}

Result<> DataWriter::put(std::string_view bytes)
{
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size() ||
        std::fflush(file_.get()) != 0)
        return fail(os_error("write", path_, errno));
    bytes_ += bytes.size();
    return {};
}

Result<> DataWriter::write(const Timed &timed)
{
    encode(state_, timed, block_);
    ++in_block_;
    ++events_;
    return block_.size() >= block_plain_bytes ? flush() : Result<>();
}

Result<> DataWriter::flush()
{
    if (in_block_ == 0)
        return {};
    const auto packed = compress(block_, path_);
    if (!packed)
        return propagate(packed);
    std::string head(block_magic);
    put_u32(head, static_cast<uint32_t>(packed->size()));
    put_u32(head, static_cast<uint32_t>(block_.size()));
    put_u32(head, in_block_);
    block_.clear();
    in_block_ = 0;
    state_ = {};
    return put(head + *packed);
}

Result<> DataWriter::finish(uint64_t time_ns, uint64_t lost)
{
    if (const auto written = write({time_ns, End{lost}}); !written)
        return written;
    return flush();
}

}  // namespace sluice::trace
