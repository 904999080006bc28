/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
typedef unsigned int gfp_t;

#define GFP_KERNEL 0U
