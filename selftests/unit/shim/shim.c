// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/atomic.h>
#include <linux/slab.h>
#include <stdlib.h>

int shim_allocations_left = -1;
void (*shim_before_atomic)(void);

void *shim_alloc(size_t n, size_t size)
{
    if (shim_allocations_left == 0)
        return NULL;
    if (shim_allocations_left > 0)
        shim_allocations_left--;
    return calloc(n, size);
}

void kvfree(const void *p)
{
    free((void *)p);
}
