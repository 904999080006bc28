// SPDX-License-Identifier: GPL-2.0-or-later
// How soon the fast tier serves 90 % of what the best placement would: from the start, and from
// each time that the hot part moved.
#pragma once

#include <cstdint>
#include <vector>

namespace sluice {

class Convergence {
public:
    static constexpr double part_of_best = 0.9;
    static constexpr int64_t never = -1;

    explicit Convergence(double best) : best_(best) {}

    void add(double hit_ratio, bool shifted)
    {
        if (shifted || epochs_.empty()) {
            epochs_.push_back(never);
            since_ = 0;
        }
        if (epochs_.back() == never && hit_ratio >= part_of_best * best_)
            epochs_.back() = since_;
        ++since_;
    }
    // 0: it was so in the first epoch already.
    const std::vector<int64_t> &epochs() const { return epochs_; }

private:
    double best_;
    int64_t since_ = 0;
    std::vector<int64_t> epochs_;
};

}  // namespace sluice
