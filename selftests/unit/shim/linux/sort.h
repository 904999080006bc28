/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include <stdlib.h>

// The kernel passes a swap function, which nobody here needs. qsort() does not take a null pointer,
// not even for nothing.
#define sort(base, num, size, cmp, swap)         \
    do {                                         \
        (void)(swap);                            \
        if (num)                                 \
            qsort((base), (num), (size), (cmp)); \
    } while (0)
