/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <linux/types.h>

static inline int fls64(u64 x)
{
    return x ? 64 - __builtin_clzll(x) : 0;
}

static inline int ilog2(u64 x)
{
    return fls64(x) - 1;
}

static inline bool is_power_of_2(unsigned long n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
    return n <= 1 ? 1 : 1UL << fls64(n - 1);
}
