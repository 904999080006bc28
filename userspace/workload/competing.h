// SPDX-License-Identifier: GPL-2.0-or-later
// Two programs that want the fast tier at the same time.
#pragma once

#include "workload/hot_updates.h"
#include "workload/partner.h"

namespace sluice {

struct CompetingConfig {
    uint64_t bytes = 256 << 20;  // of both; each has a half
    // 90 % of the updates of each go there, so that a hot page of the first program is three times
    // as hot as one of the second. Together they are more than the fast tier holds.
    double hot_fractions[2] = {0.16, 0.48};
    uint64_t seed = 1;
};

// This process has the lower half of the arena, the second one, its child, the upper half: in
// either, the other half is without pages. The two take turns of so many updates, so that both get
// equally far; an operation is an update of either.
class Competing : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const CompetingConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;
    std::vector<uint32_t> page_heat(uint64_t operations) override;
    pid_t process_of(uint64_t page) const override;

    static constexpr uint64_t turn = 8192;

private:
    enum class Kind : uint64_t { update, verify, heat };
    struct Order {
        Kind kind;
        uint64_t updates;
    };

    Competing(Arena arena, Partner partner) : Load(std::move(arena)), partner_(std::move(partner))
    {
    }
    static void serve(const CompetingConfig &config, const Arena &arena, PipePair &pipes);
    static bool obey(Order order, HotUpdates &updates, PipePair &pipes);
    static std::unique_ptr<HotUpdates> program(const CompetingConfig &config, const Arena &arena,
                                               int number);
    void order(Order order);
    void hear(std::span<std::byte> answer);

    Partner partner_;
    std::unique_ptr<HotUpdates> own_;
    uint64_t due_ = 0;  // operations that were not worth a turn yet
    uint64_t failures_ = 0;
};

}  // namespace sluice
