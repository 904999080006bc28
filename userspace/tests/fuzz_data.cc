// SPDX-License-Identifier: GPL-2.0-or-later
// libFuzzer on recordings and all that shows them; scripts/fuzz builds and runs it.
//
// The first byte says what the others are: a file (whose checksums find out nearly every change),
// its description, or events in blocks that are whole.
#include "tests/read_everything.h"

#include <cstdint>

#include "trace/data_format.h"

namespace {

using namespace sluice;

// A whole file but for its description.
std::string with_description(std::string_view text)
{
    std::string file(trace::file_magic);
    trace::put_u32(file, trace::file_version);
    trace::put_u32(file, static_cast<uint32_t>(text.size()));
    file += text;
    const std::string plain = recording_of({}, std::string_view("\x05\x08\x02\x0e\x02\x02", 6));
    return file + plain.substr(plain.find(trace::block_magic));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const std::string_view bytes(reinterpret_cast<const char *>(data) + 1, size - 1);
    if (data[0] % 4 == 0)
        (void)read_everything(bytes);
    else if (data[0] % 4 == 1)
        (void)read_everything(with_description(bytes));
    else
        (void)read_everything(recording_of({}, bytes));
    return 0;
}
