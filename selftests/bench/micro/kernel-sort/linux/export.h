/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#define EXPORT_SYMBOL(symbol)
