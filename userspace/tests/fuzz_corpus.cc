// SPDX-License-Identifier: GPL-2.0-or-later
// What the fuzzer begins with: sluice-fuzz-corpus DIRECTORY RECORDING...
#include "tests/read_everything.h"
#include "tests/run_command.h"

#include <filesystem>
#include <string>

#include "trace/data_file.h"

int main(int argc, char **argv)
{
    using namespace sluice;
    constexpr size_t pieces = 8, piece_bytes = 4000;
    for (int i = 2; i < argc; ++i) {
        const std::string path = argv[i], bytes = read_file(path);
        const std::string name =
            std::string(argv[1]) + "/" + std::filesystem::path(path).stem().string();
        const std::string plain = plain_events_of(bytes);
        const auto summary = trace::read_data(bytes, path, [](const trace::Timed &) {});
        if (!summary)
            return 1;
        write_file(name + "-file", std::string(1, '\0') + bytes);
        write_file(name + "-info", "\x01" + trace::to_json_text(summary->info));
        // Beginnings: what follows counts from there.
        for (size_t piece = 1; piece <= pieces; ++piece)
            write_file(name + "-events-" + std::to_string(piece),
                       "\x02" + plain.substr(0, piece * piece_bytes));
    }
    return 0;
}
