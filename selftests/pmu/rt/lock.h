// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "rt/x86.h"

namespace rt {

class Lock {
public:
    void take()
    {
        while (__atomic_exchange_n(&taken_, true, __ATOMIC_ACQUIRE))
            pause();
    }
    void give() { __atomic_store_n(&taken_, false, __ATOMIC_RELEASE); }

private:
    bool taken_ = false;
};

class LockGuard {
public:
    explicit LockGuard(Lock &lock) : lock_(lock) { lock_.take(); }
    ~LockGuard() { lock_.give(); }
    LockGuard(const LockGuard &) = delete;
    LockGuard &operator=(const LockGuard &) = delete;

private:
    Lock &lock_;
};

}  // namespace rt
