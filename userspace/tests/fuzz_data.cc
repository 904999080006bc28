// SPDX-License-Identifier: GPL-2.0-or-later
// libFuzzer on the reader of recordings: sluice-fuzz-data [-max_total_time=SECONDS] [CORPUS]
#include "trace/data_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)sluice::trace::read_data(std::string_view(reinterpret_cast<const char *>(data), size),
                                   "fuzz", [](const sluice::trace::Timed &) {});
    return 0;
}
