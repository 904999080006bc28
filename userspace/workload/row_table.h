// SPDX-License-Identifier: GPL-2.0-or-later
// Transactions on a table that grows: the rows that were inserted last are hot.
#pragma once

#include "workload/load.h"
#include "workload/random.h"

#include <array>

namespace sluice {

struct RowTableConfig {
    uint64_t bytes = 256 << 20;
    double insert_share = 0.01;  // of the operations; the rest reads a row
    double new_share = 0.90;     // of the reads: they go to the newest part
    double new_fraction = 0.08;  // how large that is, of the memory
    uint64_t seed = 1;
};

// Three quarters of the table are filled at first. Once the memory is full, the oldest rows make
// room.
class RowTable : public Load {
public:
    struct Row {
        uint64_t id = 0;
        std::array<uint64_t, 15> columns{};
    };

    static Result<std::unique_ptr<Load>> create(const RowTableConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;
    std::vector<uint32_t> page_heat(uint64_t operations) override;
    uint64_t drift() const override { return next_ / (newest_ / 8); }

private:
    RowTable(const RowTableConfig &config, Arena arena);
    void insert();
    bool good(uint64_t id);
    Row &row(uint64_t id) { return rows_[id % rows_.size()]; }
    uint64_t pick();

    std::span<Row> rows_;
    uint64_t newest_;  // rows that are hot
    uint64_t insert_threshold_;
    uint64_t new_threshold_;
    Random random_;
    uint64_t next_ = 0;  // id of the next row
    uint64_t wrong_reads_ = 0;
};

}  // namespace sluice
