// SPDX-License-Identifier: GPL-2.0-or-later
// Fixture of the suites that switch Sluice on.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "guest/kernel.h"
#include "guest/memory.h"

// Locked memory on a node: nobody's to move, as what a balloon has taken.
class Ballast {
public:
    Ballast(int node, uint64_t leave_free_kb)
    {
        while (guest::node_free_kb(node) > leave_free_kb + kPiece / 1024 && pieces_.size() < 200) {
            pieces_.push_back(std::make_unique<guest::Buffer>(kPiece, 1000 + pieces_.size()));
            pieces_.back()->move_to(node);
            mlock(reinterpret_cast<void *>(pieces_.back()->start()), kPiece);
        }
    }

private:
    static constexpr size_t kPiece = 4 * guest::kMiB;
    std::vector<std::unique_ptr<guest::Buffer>> pieces_;
};

class SluiceTest : public testing::Test {
protected:
    void SetUp() override
    {
        ASSERT_EQ(guest::read_knob("enabled"), "0") << "Sluice is not in this kernel, or it is on";
    }

    // What was asked for must hold at once: there is nothing to wait for.
    static void enable()
    {
        ASSERT_EQ(guest::error_name(guest::write_knob("enabled", "1")), "success");
        ASSERT_EQ(guest::read_knob("enabled"), "1");
    }

    static void disable()
    {
        ASSERT_EQ(guest::error_name(guest::write_knob("enabled", "0")), "success");
        ASSERT_EQ(guest::read_knob("enabled"), "0");
    }

    static void set(const std::string &knob, const std::string &value)
    {
        ASSERT_EQ(guest::error_name(guest::write_knob(knob, value)), "success") << knob;
    }

    // Looks again and again until it is true or the time is over.
    static bool eventually(std::chrono::seconds at_most, const std::function<bool()> &condition)
    {
        const auto end = std::chrono::steady_clock::now() + at_most;
        while (!condition()) {
            if (std::chrono::steady_clock::now() >= end)
                return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return true;
    }

    // What the last epoch had to share out in the fastest tier; 0 if we are not managed.
    static uint64_t capacity_kb()
    {
        const std::string text = guest::process_view(getpid()).text;
        const size_t at = text.find("capacity_kb ");
        return at == std::string::npos ? 0 : std::stoull(text.substr(at + 12));
    }

private:
    guest::KnobGuard guard_;
};
