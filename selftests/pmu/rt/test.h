// SPDX-License-Identifier: GPL-2.0-or-later
// Tests and checks. A test runs on each CPU in turn while the others sleep, and then, if there is
// more than one, on all at the same time. Its result is one line of KTAP.
#pragma once

#include <stdint.h>

#include <initializer_list>

#include "rt/print.h"

namespace rt {

enum class Where {
    everywhere,  // as above
    in_turn,     // on each CPU, never at the same time
    once,        // on the boot CPU
};

enum class Time { any, host, virtual_ };

struct Test {
    const char *suite, *name;
    void (*run)();
    Where where = Where::everywhere;
    Time time = Time::any;
    const char *group = "main";
};

#define TEST(suite, name, ...)                                                               \
    static void suite##_##name();                                                            \
    static constexpr rt::Test suite##_##name##_test = {#suite, #name, suite##_##name,        \
                                                       ##__VA_ARGS__};                       \
    [[gnu::section(".tests"), gnu::used]] static const rt::Test *const suite##_##name##_at = \
        &suite##_##name##_test;                                                              \
    static void suite##_##name()

// Each says what went wrong if it does, and whether all is well.
bool check(bool good, const char *file, int line, const Text &what);

template <typename A, typename B>
bool check_equal(const A &want, const B &got, const char *file, int line, const char *expression)
{
    const auto w = static_cast<uint64_t>(want), g = static_cast<uint64_t>(got);
    return check(w == g, file, line,
                 text(expression, ": want ", w, " (", Hex{w}, "), got ", g, " (", Hex{g}, ")"));
}

template <typename V, typename L, typename H>
bool check_between(const L &low, const H &high, const V &got, const char *file, int line,
                   const char *expression)
{
    const auto l = static_cast<uint64_t>(low), h = static_cast<uint64_t>(high),
               g = static_cast<uint64_t>(got);
    return check(l <= g && g <= h, file, line,
                 text(expression, ": want ", l, " to ", h, ", got ", g, " (", Hex{g}, ")"));
}

#define EXPECT(condition) rt::check(condition, __FILE__, __LINE__, rt::text(#condition))
#define EXPECT_SAID(condition, ...) \
    rt::check(condition, __FILE__, __LINE__, rt::text(#condition, ": ", __VA_ARGS__))
#define EXPECT_EQ(want, got) rt::check_equal(want, got, __FILE__, __LINE__, #got)
#define EXPECT_BETWEEN(low, high, got) rt::check_between(low, high, got, __FILE__, __LINE__, #got)

[[noreturn]] void run_tests();

}  // namespace rt
