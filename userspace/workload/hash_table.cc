// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/hash_table.h"

namespace sluice {

namespace {

uint64_t word(uint64_t key, uint64_t version, uint64_t i)
{
    return (key + 0x9e3779b97f4a7c15 * version) ^ (i << 56);
}

void write(HashTable::Slot &slot)
{
    for (uint64_t i = 0; i < slot.value.size(); ++i)
        slot.value[i] = word(slot.key, slot.version, i);
}

uint64_t key_of(uint64_t id)
{
    return id + 1;
}

}  // namespace

HashTable::HashTable(const HashTableConfig &config, Arena arena)
    : Load(std::move(arena)),
      config_(config),
      slots_(arena_.as<Slot>(0, arena_.bytes().size() / sizeof(Slot))),
      keys_(slots_.size() / 4 * 3),
      zipf_(keys_, config.theta),
      random_(config.seed),
      update_threshold_(threshold_of(config.update_share))
{
    for (uint64_t id = keys_; id > 0; --id) {  // the popular ones last
        Slot &slot = find(key_of(id - 1));
        slot.key = key_of(id - 1);
        write(slot);
    }
}

Result<std::unique_ptr<Load>> HashTable::create(const HashTableConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new HashTable(config, std::move(*arena)));
}

uint64_t HashTable::home(uint64_t key) const
{
    if (config_.ordered)
        return slots_.size() - 1 - key * 4 / 3 % slots_.size();
    return static_cast<uint64_t>((static_cast<unsigned __int128>(mix(key)) * slots_.size()) >> 64);
}

// Where the key is, or where it belongs.
HashTable::Slot &HashTable::find(uint64_t key)
{
    uint64_t at = home(key);
    while (slots_[at].key != key && slots_[at].key != 0)
        at = at + 1 == slots_.size() ? 0 : at + 1;
    return slots_[at];
}

bool HashTable::good(const Slot &slot) const
{
    for (uint64_t i = 0; i < slot.value.size(); ++i)
        if (slot.value[i] != word(slot.key, slot.version, i))
            return false;
    return true;
}

void HashTable::step(uint64_t operations)
{
    for (uint64_t i = 0; i < operations; ++i) {
        Slot &slot = find(key_of(zipf_.next(random_)));
        arena_.touch(&slot);
        wrong_reads_ += !good(slot);
        if (random_.hit(update_threshold_)) {
            ++slot.version;
            ++updates_;
            write(slot);
        }
    }
}

uint64_t HashTable::corrupt_bytes()
{
    uint64_t bad = 0, missing = 0, updates = 0;
    for (const Slot &slot : slots_) {
        bad += slot.key ? !good(slot) : slot.version != 0;
        updates += slot.version;
    }
    for (uint64_t id = 0; id < keys_; ++id)
        missing += find(key_of(id)).key == 0;
    return (bad + missing + wrong_reads_ + (updates != updates_)) * sizeof(Slot);
}

}  // namespace sluice
