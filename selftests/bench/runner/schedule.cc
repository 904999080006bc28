// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/schedule.h"

#include <atomic>
#include <chrono>
#include <mutex>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "harness/process.h"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kGuessSeconds = 60;

double seconds_since(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

class Work {
public:
    Work(std::vector<Cell> cells, const CellStore &store, const Schedule &schedule,
         Outcome &outcome)
        : cells_(std::move(cells)), store_(store), schedule_(schedule), outcome_(outcome)
    {
    }

    void operator()()
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < schedule_.at_once; i++)
            threads.emplace_back([this] { work(); });
    }

private:
    void work()
    {
        for (size_t i; (i = next_++) < cells_.size();) {
            if (harness::interrupted()) {
                const std::lock_guard lock(mutex_);
                outcome_.interrupted = true;
                return;
            }
            const auto start = Clock::now();
            auto result = schedule_.run(cells_[i]);
            finish(cells_[i], result, seconds_since(start));
        }
    }

    void finish(const Cell &cell, const Result<Json> &result, double seconds)
    {
        const std::lock_guard lock(mutex_);
        done_++;
        took_.push_back(seconds);
        std::string verdict = "ok";
        if (result) {
            if (auto kept = store_.keep(cell, *result, seconds); !kept)
                verdict = kept.error().text();
            outcome_.results[cell.name] = *result;
        } else {
            verdict = "FAILED: " + result.error().text();
            outcome_.failed[cell.name] = result.error().text();
        }
        schedule_.say(fmt::format("[{}] {:26} {:5.0f} s, {} of {}, about {} left: {}",
                                  minutes(seconds_since(start_)), cell.name, seconds, done_,
                                  cells_.size(), minutes(left()), verdict));
    }

    // Of cells that run just now, half is taken to be over.
    double left() const
    {
        std::vector<double> known;
        size_t unknown = 0;
        const size_t started = std::min<size_t>(next_, cells_.size());
        const double running = static_cast<double>(started - done_) / 2;
        for (size_t i = started; i < cells_.size(); i++)
            if (const auto before = store_.host_seconds(cells_[i]))
                known.push_back(*before);
            else
                unknown++;
        const double mean = took_.empty()
                                ? kGuessSeconds
                                : std::accumulate(took_.begin(), took_.end(), 0.0) / took_.size();
        return estimate(known, unknown, mean, schedule_.at_once) +
               running * mean / schedule_.at_once;
    }

    std::vector<Cell> cells_;
    const CellStore &store_;
    const Schedule &schedule_;
    Outcome &outcome_;
    std::atomic<size_t> next_ = 0;
    std::mutex mutex_;
    size_t done_ = 0;
    std::vector<double> took_;
    Clock::time_point start_ = Clock::now();
};

}  // namespace

std::string minutes(double seconds)
{
    const auto whole = static_cast<long>(seconds + 0.5);
    return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

double estimate(const std::vector<double> &known, size_t unknown, double fallback, unsigned at_once)
{
    const double sum =
        std::accumulate(known.begin(), known.end(), 0.0) + fallback * static_cast<double>(unknown);
    return sum / at_once;
}

Outcome run_cells(const std::vector<Cell> &cells, const CellStore &store, const Schedule &schedule)
{
    Outcome outcome;
    std::vector<Cell> todo;
    for (const Cell &cell : cells)
        if (auto kept = schedule.again ? std::nullopt : store.find(cell))
            outcome.results[cell.name] = std::move(*kept);
        else
            todo.push_back(cell);
    if (!outcome.results.empty())
        schedule.say(
            fmt::format("{} of {} cells are there already", outcome.results.size(), cells.size()));
    Work(std::move(todo), store, schedule, outcome)();
    return outcome;
}

}  // namespace bench
