// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/cell_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/files.h"

namespace bench {

namespace fs = std::filesystem;

uint64_t hash_bytes(std::string_view bytes, uint64_t seed)
{
    uint64_t hash = seed;
    for (const char byte : bytes)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return hash;
}

namespace {

Result<uint64_t> hash_files(const std::vector<fs::path> &files, uint64_t seed)
{
    for (const fs::path &file : files) {
        const auto text = harness::read_file(file);
        if (!text)
            return tl::make_unexpected(text.error());
        seed = hash_bytes(*text, seed);
    }
    return seed;
}

}  // namespace

Result<CellStore> CellStore::open(fs::path directory, const CellFiles &files)
{
    if (auto ok = harness::make_dirs(directory); !ok)
        return tl::make_unexpected(ok.error());
    CellStore store(std::move(directory));
    const auto every = hash_files(files.every, hash_bytes(""));
    if (!every)
        return tl::make_unexpected(every.error());
    for (const auto &[name, file] : files.images) {
        const auto hash = hash_files({file}, *every);
        if (!hash)
            return tl::make_unexpected(hash.error());
        store.files_[name] = *hash;
    }
    return store;
}

std::string CellStore::key(const Cell &cell) const
{
    return fmt::format("{:016x}", hash_bytes(to_json(cell).dump(), files_.at(cell.image)));
}

fs::path CellStore::file(const Cell &cell) const
{
    std::string name = cell.name;
    std::ranges::replace(name, '/', '.');
    return directory_ / (name + ".json");
}

fs::path CellStore::log_dir(const Cell &cell) const
{
    return file(cell).replace_extension();
}

std::optional<Json> CellStore::read(const Cell &cell) const
{
    const auto text = harness::read_file(file(cell));
    if (!text)
        return std::nullopt;
    Json kept = Json::parse(*text, nullptr, false);
    if (!kept.is_object() || !kept.contains("key") || !kept.contains("result"))
        return std::nullopt;
    return kept;
}

std::optional<Json> CellStore::find(const Cell &cell) const
{
    auto kept = read(cell);
    if (!kept || (*kept)["key"] != key(cell))
        return std::nullopt;
    return (*kept)["result"];
}

std::optional<double> CellStore::host_seconds(const Cell &cell) const
{
    const auto kept = read(cell);
    if (!kept || !kept->contains("host_seconds"))
        return std::nullopt;
    return (*kept)["host_seconds"].get<double>();
}

// Written aside first, so that a file is whole or not there.
Result<void> CellStore::keep(const Cell &cell, const Json &result, double host_seconds) const
{
    const Json kept = {{"key", key(cell)}, {"host_seconds", host_seconds}, {"result", result}};
    const fs::path to = file(cell), aside = to.string() + ".new";
    if (auto ok = harness::write_file(aside, kept.dump(1) + "\n"); !ok)
        return ok;
    std::error_code error;
    fs::rename(aside, to, error);
    if (error)
        return harness::fail("rename", aside, error.message());
    return {};
}

}  // namespace bench
