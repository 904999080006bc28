// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"

#include <fmt/format.h>
#include <csignal>
#include <ctime>

namespace sluice {

namespace {
volatile std::sig_atomic_t interrupt_seen = 0;
void on_interrupt(int)
{
    interrupt_seen = 1;
}
}  // namespace

int report_error(const Error &error)
{
    fmt::print(stderr, "sluice: {}\n", describe(error));
    return static_cast<int>(error.code);
}

// No SA_RESTART: a sleep between two screens ends at once.
void catch_interrupts()
{
    struct sigaction action{};
    action.sa_handler = on_interrupt;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

void pause_for(double seconds)
{
    const auto whole = static_cast<time_t>(seconds);
    const timespec time{whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
    ::nanosleep(&time, nullptr);
}

bool interrupted()
{
    return interrupt_seen != 0;
}

}  // namespace sluice
