// SPDX-License-Identifier: GPL-2.0-or-later
// Finished cells, kept with what they depend on: an interrupted run goes on where it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "runner/matrix.h"

namespace bench {

// FNV-1a, 64 bits: to tell files apart, not to withstand anybody.
uint64_t hash_bytes(std::string_view bytes, uint64_t seed = 0xcbf29ce484222325);

class CellStore {
public:
    // `files` are those that every cell depends on (emulator, kernel, image).
    static Result<CellStore> open(std::filesystem::path directory,
                                  const std::vector<std::filesystem::path> &files);

    std::optional<Json> find(const Cell &cell) const;
    Result<void> keep(const Cell &cell, const Json &result, double host_seconds) const;
    // How long a cell took when it was last run, whatever it depended on then.
    std::optional<double> host_seconds(const Cell &cell) const;
    std::filesystem::path log_dir(const Cell &cell) const;

private:
    CellStore(std::filesystem::path directory, uint64_t files)
        : directory_(std::move(directory)), files_(files)
    {
    }
    std::string key(const Cell &cell) const;
    std::filesystem::path file(const Cell &cell) const;
    std::optional<Json> read(const Cell &cell) const;

    std::filesystem::path directory_;
    uint64_t files_;
};

}  // namespace bench
