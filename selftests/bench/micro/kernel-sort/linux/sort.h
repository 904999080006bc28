/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// In place of the unit tests' shim: what lib/sort.c of the kernel tree needs to be compiled here.

#include <linux/types.h>

typedef int (*cmp_func_t)(const void *a, const void *b);
typedef int (*cmp_r_func_t)(const void *a, const void *b, const void *priv);
typedef void (*swap_func_t)(void *a, void *b, int size);
typedef void (*swap_r_func_t)(void *a, void *b, int size, const void *priv);

#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif
#undef __attribute_const__
#define __attribute_const__ __attribute__((__const__))

void sort_r(void *base, size_t num, size_t size, cmp_r_func_t cmp_func, swap_r_func_t swap_func,
            const void *priv);
void sort(void *base, size_t num, size_t size, cmp_func_t cmp_func, swap_func_t swap_func);
