/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// Kernel types, and the annotations that every kernel source may use.

// System headers use the real one.
#include_next <linux/types.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#ifndef __cplusplus
#include <stdbool.h>
#endif

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef long long s64;
