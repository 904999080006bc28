/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX
#define U64_MAX (~0ULL)
