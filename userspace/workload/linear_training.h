// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's liblinear: trains on sparse examples, of whose features some occur much more often than
// others.
#pragma once

#include "workload/load.h"
#include "workload/zipf_table.h"

#include <memory>

struct feature_node;

namespace sluice {

struct LinearTrainingConfig {
    uint64_t bytes = 256 << 20;
    double zipf_theta = 0.99;  // popularity of features
    uint64_t seed = 1;
};

// The examples are cut into parts; a training is one pass of dual coordinate descent over a part,
// and the parts take turns. An operation is an example, so that most operations do nothing, and the
// last one of a part trains on all of it. The weights lie at the end of the arena: they are what is
// hot.
class LinearTraining : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const LinearTrainingConfig &config);
    ~LinearTraining() override;

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;
    std::vector<uint32_t> page_heat(uint64_t operations) override;
    // Operations of one training.
    uint64_t part_examples() const { return examples_.size() / parts; }

private:
    static constexpr uint64_t parts = 32;
    struct Example;

    LinearTraining(const LinearTrainingConfig &config, Arena arena);
    Example make_example(uint64_t number) const;
    void train(uint64_t part);

    LinearTrainingConfig config_;
    std::span<double> weights_;
    std::span<Example> examples_;
    ZipfTable zipf_;
    uint64_t due_ = 0;        // operations that were not worth a training yet
    uint64_t trainings_ = 0;  // of each part in turn
    uint64_t failures_ = 0;
};

}  // namespace sluice
