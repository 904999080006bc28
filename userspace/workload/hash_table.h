// SPDX-License-Identifier: GPL-2.0-or-later
// A key-value store on a hash table: keys by Zipf's law, popular ones scattered.
#pragma once

#include "workload/load.h"
#include "workload/zipf_table.h"

#include <array>

namespace sluice {

struct HashTableConfig {
    uint64_t bytes = 256 << 20;
    double theta = 0.99;         // exponent of Zipf's law
    double update_share = 0.10;  // of the operations; the rest only reads
    bool ordered = false;        // popular keys lie together instead of being scattered
    uint64_t seed = 1;
};

// Open addressing, three quarters full. A slot's value follows from its key and from how often it
// was updated; the updates of all slots add up to those that were made.
class HashTable : public Load {
public:
    struct Slot {
        uint64_t key = 0;  // 0: free
        uint64_t version = 0;
        std::array<uint64_t, 14> value{};
    };

    static Result<std::unique_ptr<Load>> create(const HashTableConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;

private:
    HashTable(const HashTableConfig &config, Arena arena);
    Slot &find(uint64_t key);
    bool good(const Slot &slot) const;
    uint64_t home(uint64_t key) const;

    HashTableConfig config_;
    std::span<Slot> slots_;
    uint64_t keys_;
    ZipfTable zipf_;
    Random random_;
    uint64_t update_threshold_;
    uint64_t updates_ = 0;
    uint64_t wrong_reads_ = 0;
};

}  // namespace sluice
