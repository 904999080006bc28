// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/atomic.h>
#include <linux/slab.h>
#include <malloc.h>
#include <stdlib.h>

int shim_allocations_left = -1;
size_t shim_bytes;
size_t shim_bytes_most;
void (*shim_before_atomic)(void);

void *shim_alloc(size_t n, size_t size)
{
    void *p;
    size_t bytes;

    if (shim_allocations_left == 0)
        return NULL;
    if (shim_allocations_left > 0)
        shim_allocations_left--;
    p = calloc(n, size);
    bytes = __atomic_add_fetch(&shim_bytes, malloc_usable_size(p), __ATOMIC_RELAXED);
    if (bytes > __atomic_load_n(&shim_bytes_most, __ATOMIC_RELAXED))
        __atomic_store_n(&shim_bytes_most, bytes, __ATOMIC_RELAXED);
    return p;
}

void kvfree(const void *p)
{
    __atomic_sub_fetch(&shim_bytes, malloc_usable_size((void *)p), __ATOMIC_RELAXED);
    free((void *)p);
}
