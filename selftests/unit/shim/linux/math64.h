/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// The x86 kernel divides 128 by 64 bits in hardware, which faults if the quotient does not fit:
// abort here as well.

#include <linux/types.h>
#include <stdlib.h>

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
    return dividend / divisor;
}

static inline u64 div_u64(u64 dividend, u32 divisor)
{
    return dividend / divisor;
}

// The kernel drops what does not fit: abort instead.
static inline u64 mul_u64_u64_shr(u64 a, u64 mul, unsigned int shift)
{
    unsigned __int128 product = (unsigned __int128)a * mul >> shift;

    if (product >> 64)
        abort();
    return (u64)product;
}

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
    return (u64)(((unsigned __int128)a * mul) >> shift);
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 mul, u64 div)
{
    unsigned __int128 quotient = (unsigned __int128)a * mul / div;

    if (quotient >> 64)
        abort();
    return (u64)quotient;
}

static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 div)
{
    return mul_u64_u64_div_u64(a, mul, div);
}
