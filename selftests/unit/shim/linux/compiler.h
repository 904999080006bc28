/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// Marked accesses: one access, which the compiler neither tears nor repeats. Relaxed atomics say
// just that, to TSan too.

#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value) __atomic_store_n(&(x), (value), __ATOMIC_RELAXED)
