// SPDX-License-Identifier: GPL-2.0-or-later
// Which key is read next.
#pragma once

#include "workload/random.h"

#include <cstdint>
#include <memory>

namespace sluice {

enum class KeyMode { latest, zipf };

class KeyChooser {
public:
    virtual ~KeyChooser() = default;
    virtual uint64_t next(Random &random) = 0;
};

// 90 % of the reads go to the most recently inserted tenth, the rest to the older nine tenths.
class LatestChooser : public KeyChooser {
public:
    explicit LatestChooser(uint64_t keys);
    uint64_t next(Random &random) override;

private:
    uint64_t older_;
    uint64_t latest_;
};

// Zipf's law with the popular keys scattered over all ids by a hash. The method is that of Gray et
// al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994).
class ZipfChooser : public KeyChooser {
public:
    explicit ZipfChooser(uint64_t keys, double theta = 0.99);
    uint64_t next(Random &random) override;
    uint64_t rank(Random &random) const;  // 0 is the most popular

private:
    uint64_t keys_;
    double theta_;
    double zeta_;
    double alpha_;
    double eta_;
};

std::unique_ptr<KeyChooser> make_chooser(KeyMode mode, uint64_t keys);

}  // namespace sluice
