// SPDX-License-Identifier: GPL-2.0-or-later
// Look-ups as simulations of neutron transport make them: an energy is searched in one large sorted
// grid, whose entry then points into a table for each nuclide of the material that the particle is
// in.
#pragma once

#include "workload/load.h"
#include "workload/random.h"

#include <array>

namespace sluice {

struct CrossSectionsConfig {
    uint64_t bytes = 256 << 20;
    uint64_t seed = 1;
};

class CrossSections : public Load {
public:
    static constexpr uint64_t nuclides = 16;
    struct GridPoint {
        uint64_t energy = 0;
        std::array<uint32_t, nuclides> index{};  // into each nuclide's table
    };
    struct Entry {
        std::array<uint64_t, 6> values{};
    };

    static Result<std::unique_ptr<Load>> create(const CrossSectionsConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;

private:
    CrossSections(const CrossSectionsConfig &config, Arena arena);
    uint64_t search(uint64_t energy);
    bool look_up(uint64_t point, unsigned nuclide);

    std::span<GridPoint> grid_;
    std::span<Entry> entries_;  // one nuclide's table after the other
    uint64_t per_nuclide_;
    Random random_;
    uint64_t wrong_reads_ = 0;
};

}  // namespace sluice
