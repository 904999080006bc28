/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <linux/types.h>

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define DIV_ROUND_UP_ULL(n, d) (((unsigned long long)(n) + (d) - 1) / (d))

static inline u32 int_sqrt64(u64 x)
{
    u64 root = 0;
    int bit;

    for (bit = 31; bit >= 0; bit--) {
        u64 next = root | 1ULL << bit;

        if (next * next <= x)
            root = next;
    }
    return (u32)root;
}
