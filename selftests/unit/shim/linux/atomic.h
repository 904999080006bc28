/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// The few atomic operations that the channel uses. The kernel's unnamed variants are full barriers.

#include <linux/compiler.h>
#include <linux/types.h>

typedef struct {
    int counter;
} atomic_t;

#ifdef __cplusplus
extern "C" {
#endif

// Called before each atomic operation if set: a test gives up the CPU here, to make rare
// interleavings frequent.
extern void (*shim_before_atomic)(void);

#ifdef __cplusplus
}
#endif

static inline void shim_atomic(void)
{
    if (shim_before_atomic)
        shim_before_atomic();
}

static inline int atomic_read(const atomic_t *v)
{
    shim_atomic();
    return READ_ONCE(v->counter);
}

static inline void atomic_set(atomic_t *v, int i)
{
    shim_atomic();
    WRITE_ONCE(v->counter, i);
}

static inline void atomic_sub(int i, atomic_t *v)
{
    shim_atomic();
    __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELAXED);
}

static inline int atomic_fetch_add(int i, atomic_t *v)
{
    shim_atomic();
    return __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);
}

static inline int atomic_fetch_add_acquire(int i, atomic_t *v)
{
    shim_atomic();
    return __atomic_fetch_add(&v->counter, i, __ATOMIC_ACQUIRE);
}

static inline int atomic_fetch_sub_release(int i, atomic_t *v)
{
    shim_atomic();
    return __atomic_fetch_sub(&v->counter, i, __ATOMIC_RELEASE);
}
