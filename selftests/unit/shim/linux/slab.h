/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// Allocation, counted, with a switch that makes it fail.

#include <linux/gfp_types.h>
#include <linux/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// How many more allocations succeed; negative: all of them.
extern int shim_allocations_left;
// Allocated now, and at most since it was last set to shim_bytes.
extern size_t shim_bytes;
extern size_t shim_bytes_most;

void *shim_alloc(size_t n, size_t size);
void kvfree(const void *p);

#ifdef __cplusplus
}
#endif

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
    (void)gfp;
    return shim_alloc(n, size);
}

static inline void *kvmalloc_array(size_t n, size_t size, gfp_t gfp)
{
    (void)gfp;
    return shim_alloc(n, size);
}
