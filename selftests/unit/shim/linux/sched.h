/* SPDX-License-Identifier: GPL-2.0-only */
#pragma once
#define cond_resched() ((void)0)
