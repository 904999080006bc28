// SPDX-License-Identifier: GPL-2.0-or-later
// Adaptive PEBS, record format 4: the debug store area, and the records in its buffer.
#pragma once

#include "pmu.h"
#include "rt/memory.h"

namespace pebs {

// IA32_PEBS_DATA_CFG
constexpr uint64_t kMemory = 1;
constexpr uint64_t kGprs = 2;
constexpr uint64_t kXmm = 4;
constexpr uint64_t kLbr = 8;
constexpr uint64_t lbr_entries(uint64_t n)
{
    return kLbr | (n - 1) << 24;
}

struct Area {
    uint64_t bts[4];
    uint64_t base, index, maximum, threshold;
    uint64_t reset[pmu::kGeneral];
    uint64_t fixed_reset[pmu::kFixed];
};

struct Basic {
    uint64_t format_and_size, ip, counters, tsc;

    uint64_t format() const { return format_and_size & 0xffffffff; }
    uint64_t size() const { return format_and_size >> 48; }
};

struct Memory {
    uint64_t address, source, latency, tsx;
};

// In the order of the record.
enum Register { kRax, kRcx, kRdx, kRbx, kRsp, kRbp, kRsi, kRdi, kR8, kR15 = 15 };

struct Gprs {
    uint64_t flags, ip;
    uint64_t reg[16];
};

struct Xmm {
    uint64_t reg[16][2];
};

constexpr uint64_t kLbrEntry = 24;

// The size that a record of this configuration has.
constexpr uint64_t record_size(uint64_t cfg)
{
    return sizeof(Basic) + (cfg & kMemory ? sizeof(Memory) : 0) + (cfg & kGprs ? sizeof(Gprs) : 0) +
           (cfg & kXmm ? sizeof(Xmm) : 0) + (cfg & kLbr ? kLbrEntry * ((cfg >> 24 & 0xff) + 1) : 0);
}

class Record {
public:
    explicit Record(const uint8_t *at) : at_(at) {}

    const Basic &basic() const { return *reinterpret_cast<const Basic *>(at_); }
    uint64_t has(uint64_t group) const { return basic().format() & group; }
    const Memory &memory() const { return *reinterpret_cast<const Memory *>(group(0)); }
    const Gprs &gprs() const { return *reinterpret_cast<const Gprs *>(group(kMemory)); }
    const Xmm &xmm() const { return *reinterpret_cast<const Xmm *>(group(kMemory | kGprs)); }
    const uint64_t *lbr() const
    {
        return reinterpret_cast<const uint64_t *>(group(kMemory | kGprs | kXmm));
    }

private:
    // What comes behind these groups.
    const uint8_t *group(uint64_t before) const
    {
        return at_ + record_size(basic().format() & before);
    }

    const uint8_t *at_;
};

// A debug store area and a buffer, in pages of their own; IA32_DS_AREA is set.
class Store {
public:
    static constexpr unsigned kPages = 4;

    // Of these flags; the area and the buffer begin so many bytes into their first page.
    explicit Store(uint64_t flags = rt::kKernelPage, uint64_t area_offset = 0,
                   uint64_t buffer_offset = 0);

    Area &area() { return *area_pages.memory<Area>(area_offset_); }
    uint64_t used() { return area().index - area().base; }
    void set_room(uint64_t bytes) { area().maximum = area().base + bytes; }
    void set_threshold(uint64_t bytes) { area().threshold = area().base + bytes; }
    void clear();

    unsigned count();
    Record record(unsigned n);

    // Counter n (8 and above: fixed) writes a record each period; it starts with a whole one.
    void sample(unsigned n, uint64_t event, uint64_t flags, uint64_t period);

    rt::Pages area_pages, buffer;

private:
    uint64_t area_offset_, buffer_offset_;
};

constexpr unsigned fixed(unsigned n)
{
    return pmu::kGeneral + n;
}

}  // namespace pebs

// rdi: address, rsi: count of the struct that rdi points to.
struct Walk {
    uint64_t address, count;
};

// Loads: count words of 8 bytes from the address on; 2 more for the struct, 1 for RET.
extern "C" void load_words(void *walk);
extern "C" char load_words_load[];
constexpr uint64_t kWalkLoads = 2;

// The same with stores.
extern "C" void store_words(void *walk);
extern "C" char store_words_store[];
