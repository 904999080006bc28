// SPDX-License-Identifier: GPL-2.0-or-later
// Finished cells, kept with what they depend on: an interrupted run goes on where it was.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runner/matrix.h"

namespace bench {

// FNV-1a, 64 bits: to tell files apart, not to withstand anybody.
uint64_t hash_bytes(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325);

// What results depend on besides the cells themselves.
struct CellFiles {
    std::vector<std::filesystem::path> every;             // emulator, kernel, machine
    std::map<std::string, std::filesystem::path> images;  // and of these, the cell's
};

class CellStore {
public:
    static Result<CellStore> open(std::filesystem::path directory, const CellFiles &files);

    std::optional<Json> find(const Cell &cell) const;
    Result<void> keep(const Cell &cell, const Json &result, double host_seconds) const;
    // How long a cell took when it was last run, whatever it depended on then.
    std::optional<double> host_seconds(const Cell &cell) const;
    std::filesystem::path log_dir(const Cell &cell) const;

private:
    explicit CellStore(std::filesystem::path directory) : directory_(std::move(directory)) {}
    std::string key(const Cell &cell) const;
    std::filesystem::path file(const Cell &cell) const;
    std::optional<Json> read(const Cell &cell) const;

    std::filesystem::path directory_;
    std::map<std::string, uint64_t> files_;  // hashes, by the name of the image
};

}  // namespace bench
