// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's SQLite with a database in memory: records are read and written by their key, the newest
// ones most.
#pragma once

#include "workload/load.h"
#include "workload/random.h"
#include "workload/zipf_table.h"

#include <memory>

struct sqlite3;
struct sqlite3_stmt;

namespace sluice {

struct SqliteTableConfig {
    uint64_t bytes = 256 << 20;
    double zipf_theta = 0.99;
    double update_share = 0.05;  // of the operations; the rest only reads
    uint64_t seed = 1;
};

// Records of 1000 bytes; the distribution is the one that YCSB calls "latest". A record follows
// from its key and from how often it was updated, which is kept apart.
class SqliteTable : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const SqliteTableConfig &config);
    ~SqliteTable() override;

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;

private:
    SqliteTable(const SqliteTableConfig &config, Arena arena);
    Result<> open();
    Result<> fill();
    Result<> execute(const char *sql);
    Result<sqlite3_stmt *> prepare(const char *sql);
    bool read(uint64_t key);
    bool write(sqlite3_stmt *statement, uint64_t key);
    bool good(sqlite3_stmt *row, uint64_t key, int column) const;

    SqliteTableConfig config_;
    sqlite3 *database_ = nullptr;
    sqlite3_stmt *insert_ = nullptr, *select_ = nullptr, *update_ = nullptr, *all_ = nullptr;
    std::vector<uint8_t> versions_;  // by key
    ZipfTable zipf_;
    Random random_;
    uint64_t update_threshold_;
    uint64_t failures_ = 0;
};

}  // namespace sluice
