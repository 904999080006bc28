/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
// Each argument is evaluated once.

#define min(x, y)                          \
    ({                                     \
        __auto_type _min_x = (x);          \
        __auto_type _min_y = (y);          \
        _min_x < _min_y ? _min_x : _min_y; \
    })
#define min_t(type, x, y) min((type)(x), (type)(y))
#define max(x, y)                          \
    ({                                     \
        __auto_type _max_x = (x);          \
        __auto_type _max_y = (y);          \
        _max_x > _max_y ? _max_x : _max_y; \
    })
#define swap(x, y)                 \
    do {                           \
        __auto_type _swap_x = (x); \
        (x) = (y);                 \
        (y) = _swap_x;             \
    } while (0)
