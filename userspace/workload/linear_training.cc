// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/linear_training.h"

#include "workload/random.h"

#include <linear.h>
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace sluice {

namespace {

constexpr uint64_t weights_share = 32;  // of the memory, at most
constexpr uint64_t features_in_example = 31;

// What malloc() gives liblinear for its weights, which it knows by their size; once in a training.
struct Gift {
    std::span<std::byte> memory;
    bool open = false;
} gift;

// A power of two, so that scattering them is a multiplication.
uint64_t features_in(uint64_t bytes)
{
    return std::bit_floor(bytes / weights_share / sizeof(double));
}

// Doubles are the same only if they have the same sign of zero, too.
template <class T>
bool same_bits(const T &a, const T &b)
{
    return std::ranges::equal(std::as_bytes(std::span(&a, 1)), std::as_bytes(std::span(&b, 1)));
}

}  // namespace

// The linker lets the static liblinear call these (--wrap, see CMakeLists.txt): its weights are to
// lie where the load can tell an oracle of them.
// NOLINTBEGIN(bugprone-reserved-identifier): the linker gives the names
extern "C" {
void *__real_malloc(size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size)
{
    if (!gift.open || size != gift.memory.size())
        return __real_malloc(size);
    gift.open = false;
    return gift.memory.data();
}

void __wrap_free(void *memory)
{
    if (memory == nullptr || memory != gift.memory.data())
        __real_free(memory);
}
}
// NOLINTEND(bugprone-reserved-identifier)

// The last node tells liblinear where to stop; its value, which liblinear does not read, is the
// label.
struct LinearTraining::Example {
    feature_node nodes[features_in_example + 1];
};

LinearTraining::LinearTraining(const LinearTrainingConfig &config, Arena arena)
    : Load(std::move(arena)),
      config_(config),
      zipf_(features_in(arena_.bytes().size()), config.zipf_theta)
{
    const uint64_t bytes = arena_.bytes().size(), features = features_in(bytes);
    const uint64_t room = bytes - features * sizeof(double);
    weights_ = arena_.as<double>(room, features);
    examples_ = arena_.as<Example>(0, room / sizeof(Example));
    for (uint64_t i = 0; i < examples_.size(); ++i)
        examples_[i] = make_example(i);
    std::ranges::fill(weights_, 0.0);
    set_print_string_function([](const char *) {});
}

LinearTraining::~LinearTraining() = default;

Result<std::unique_ptr<Load>> LinearTraining::create(const LinearTrainingConfig &config)
{
    auto arena = Arena::create(config.bytes);
    if (!arena)
        return propagate(arena);
    return std::unique_ptr<Load>(new LinearTraining(config, std::move(*arena)));
}

// A hidden model, of signs only, gives the label. Popular features are scattered.
LinearTraining::Example LinearTraining::make_example(uint64_t number) const
{
    constexpr uint64_t odd = 0x9e3779b97f4a7c15;
    Example example;
    std::memset(static_cast<void *>(&example), 0, sizeof(example));
    Random random(mix(mix(config_.seed) + number));
    int votes = 0;
    for (uint64_t i = 0; i < features_in_example; ++i) {
        const uint64_t feature = (zipf_.next(random) * odd) & (weights_.size() - 1);
        example.nodes[i].index = static_cast<int>(feature) + 1;
        example.nodes[i].value = 0.25;
        votes += (mix(feature) & 1) != 0 ? 1 : -1;
    }
    example.nodes[features_in_example].index = -1;
    example.nodes[features_in_example].value = votes > 0 ? 1 : -1;
    return example;
}

// The permutation of the examples comes from rand(). A tolerance that anything fulfils ends it
// after one pass.
void LinearTraining::train(uint64_t part)
{
    std::vector<feature_node *> rows;
    std::vector<double> labels;
    for (Example &example : examples_.subspan(part * part_examples(), part_examples())) {
        rows.push_back(example.nodes);
        labels.push_back(example.nodes[features_in_example].value);
    }
    const problem data = {static_cast<int>(rows.size()), static_cast<int>(weights_.size()),
                          labels.data(), rows.data(), -1};
    parameter how{};
    how.solver_type = L2R_L2LOSS_SVC_DUAL;
    how.eps = HUGE_VAL;
    how.C = 1;
    std::srand(1);
    gift = {std::as_writable_bytes(weights_), true};
    model *trained = ::train(&data, &how);
    failures_ += std::exchange(gift.open, false) || trained->w != weights_.data();
    free_and_destroy_model(&trained);
    gift = {};
}

void LinearTraining::step(uint64_t operations)
{
    due_ += operations;
    for (; due_ >= part_examples(); due_ -= part_examples())
        train(trainings_++ % parts);
}

// Each pass reads the examples once, a weight as often as its feature occurs.
std::vector<uint32_t> LinearTraining::page_heat(uint64_t)
{
    const auto memory = arena_.bytes();
    const auto weights = static_cast<size_t>(std::as_bytes(weights_).data() - memory.data());
    std::vector<uint32_t> heat(memory.size() / page_bytes, 1);
    std::fill(heat.begin() + static_cast<ptrdiff_t>(weights / page_bytes), heat.end(), 2);
    return heat;
}

// First the examples, which the seed tells; only on good ones can the last training be repeated,
// and the same bits must come out.
uint64_t LinearTraining::corrupt_bytes()
{
    uint64_t wrong = failures_;
    for (uint64_t i = 0; i < examples_.size(); ++i)
        wrong += !same_bits(make_example(i), examples_[i]);
    if (wrong != 0)
        return wrong * sizeof(Example);
    const std::vector<double> before(weights_.begin(), weights_.end());
    if (trainings_ == 0)
        std::ranges::fill(weights_, 0.0);
    else
        train((trainings_ - 1) % parts);
    for (uint64_t i = 0; i < before.size(); ++i)
        wrong += !same_bits(before[i], weights_[i]);
    std::ranges::copy(before, weights_.begin());
    return wrong * sizeof(double) + failures_;
}

}  // namespace sluice
