// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/sqlite_table.h"

#include "workload/sqlite_page_cache.h"

#include <sqlite3.h>
#include <array>
#include <cstring>

namespace sluice {

namespace {

using Record = std::array<uint64_t, 125>;

// Four of them fit in a page of the table; a few pages are left for its inner ones.
constexpr uint64_t records_in_page = 4;
constexpr uint64_t spare_share = 64;

uint64_t records_in(uint64_t bytes)
{
    const uint64_t pages = bytes / page_bytes;
    return (pages - pages / spare_share) * records_in_page;
}

Record record_of(uint64_t key, uint8_t version)
{
    Record record;
    for (uint64_t i = 0; i < record.size(); ++i)
        record[i] = mix(key) + i * (version + uint64_t{1});
    return record;
}

}  // namespace

SqliteTable::SqliteTable(const SqliteTableConfig &config, Arena arena)
    : Load(std::move(arena)),
      config_(config),
      versions_(records_in(arena_.bytes().size())),
      zipf_(versions_.size(), config.zipf_theta),
      random_(config.seed),
      update_threshold_(threshold_of(config.update_share))
{
}

SqliteTable::~SqliteTable()
{
    for (sqlite3_stmt *statement : {insert_, select_, update_, all_})
        sqlite3_finalize(statement);
    sqlite3_close(database_);
}

Result<std::unique_ptr<Load>> SqliteTable::create(const SqliteTableConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    std::unique_ptr<SqliteTable> table(new SqliteTable(config, std::move(*arena)));
    if (auto opened = table->open(); !opened)
        return propagate(opened);
    if (auto filled = table->fill(); !filled)
        return propagate(filled);
    return table;
}

Result<> SqliteTable::execute(const char *sql)
{
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK)
        return {};
    return fail(Error{Code::failed, "execute", sql, sqlite3_errmsg(database_), {}});
}

Result<sqlite3_stmt *> SqliteTable::prepare(const char *sql)
{
    sqlite3_stmt *statement = nullptr;
    if (sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
        SQLITE_OK)
        return statement;
    return fail(Error{Code::failed, "prepare", sql, sqlite3_errmsg(database_), {}});
}

// Without a journal: nothing but the table is written.
Result<> SqliteTable::open()
{
    const SqlitePagesIn pages(arena_);
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK)
        return fail(Error{Code::failed, "open", "SQLite database", sqlite3_errmsg(database_), {}});
    if (auto made = execute("PRAGMA journal_mode = OFF;"
                            "CREATE TABLE records (key INTEGER PRIMARY KEY, value BLOB)");
        !made)
        return made;
    for (const auto &[statement, sql] :
         {std::pair(&insert_, "INSERT INTO records (value, key) VALUES (?, ?)"),
          std::pair(&select_, "SELECT value FROM records WHERE key = ?"),
          std::pair(&update_, "UPDATE records SET value = ? WHERE key = ?"),
          std::pair(&all_, "SELECT key, value FROM records ORDER BY key")}) {
        auto prepared = prepare(sql);
        if (!prepared)
            return propagate(prepared);
        *statement = *prepared;
    }
    return {};
}

Result<> SqliteTable::fill()
{
    if (auto begun = execute("BEGIN"); !begun)
        return begun;
    for (uint64_t key = 0; key < versions_.size(); ++key)
        if (!write(insert_, key))
            return fail(
                Error{Code::failed, "fill", "SQLite database", sqlite3_errmsg(database_), {}});
    return execute("COMMIT");
}

bool SqliteTable::write(sqlite3_stmt *statement, uint64_t key)
{
    const Record record = record_of(key, versions_[key]);
    sqlite3_bind_blob(statement, 1, record.data(), sizeof(record), SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, static_cast<sqlite3_int64>(key));
    const int result = sqlite3_step(statement);
    sqlite3_reset(statement);
    return result == SQLITE_DONE;
}

bool SqliteTable::good(sqlite3_stmt *row, uint64_t key, int column) const
{
    const Record expected = record_of(key, versions_[key]);
    const void *value = sqlite3_column_blob(row, column);
    return sqlite3_column_bytes(row, column) == sizeof(expected) && value != nullptr &&
           std::memcmp(value, expected.data(), sizeof(expected)) == 0;
}

bool SqliteTable::read(uint64_t key)
{
    sqlite3_bind_int64(select_, 1, static_cast<sqlite3_int64>(key));
    const bool right = sqlite3_step(select_) == SQLITE_ROW && good(select_, key, 0);
    sqlite3_reset(select_);
    return right;
}

void SqliteTable::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        const uint64_t key = versions_.size() - 1 - zipf_.next(random_);
        if (random_.hit(update_threshold_)) {
            ++versions_[key];
            failures_ += !write(update_, key);
        } else {
            failures_ += !read(key);
        }
    }
}

// All keys come by in order; what SQLite cannot reach any more is missing.
uint64_t SqliteTable::corrupt_bytes()
{
    uint64_t found = 0, wrong = 0;
    while (sqlite3_step(all_) == SQLITE_ROW) {
        const auto key = static_cast<uint64_t>(sqlite3_column_int64(all_, 0));
        wrong += key != found || key >= versions_.size() || !good(all_, key, 1);
        ++found;
    }
    sqlite3_reset(all_);
    const uint64_t missing = found < versions_.size() ? versions_.size() - found : 0;
    return (wrong + missing + failures_) * sizeof(Record);
}

}  // namespace sluice
