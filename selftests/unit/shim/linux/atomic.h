/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// The few atomic operations that the channel uses. The kernel's unnamed variants are full barriers.

#include <linux/compiler.h>
#include <linux/types.h>

typedef struct {
    int counter;
} atomic_t;

static inline int atomic_read(const atomic_t *v)
{
    return READ_ONCE(v->counter);
}

static inline void atomic_set(atomic_t *v, int i)
{
    WRITE_ONCE(v->counter, i);
}

static inline void atomic_sub(int i, atomic_t *v)
{
    __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);
}

static inline int atomic_fetch_add(int i, atomic_t *v)
{
    return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline int atomic_fetch_add_acquire(int i, atomic_t *v)
{
    return __atomic_fetch_add(&v->counter, i, __ATOMIC_ACQUIRE);
}

static inline int atomic_fetch_sub_release(int i, atomic_t *v)
{
    return __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELEASE);
}
