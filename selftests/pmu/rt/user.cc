// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/user.h"

#include "rt/x86.h"

namespace {

struct UserStart {
    uint64_t rip, rsp, argument;
};

}  // namespace

extern "C" {
extern char user_exit[];
void enter_user(uint64_t *saved_rsp, const UserStart *start);
}

namespace rt {

Fault run_user_in(uint64_t table, Snippet snippet, void *argument)
{
    const Pages stack = user_stack();
    // It returns to user_exit.
    constexpr uint64_t kTop = kPageSize - 8;
    *stack.memory<uint64_t>(kTop) = for_user(user_exit);
    const UserStart start = {for_user(reinterpret_cast<const void *>(snippet)),
                             stack.address + kTop, reinterpret_cast<uint64_t>(argument)};
    const uint64_t kernel = read_cr3();
    if (table != kernel)
        write_cr3(table);
    enter_user(&cpu().saved_rsp, &start);
    if (table != kernel)
        write_cr3(kernel);
    return cpu().user_end;
}

Fault run_user(Snippet snippet, void *argument)
{
    return run_user_in(read_cr3(), snippet, argument);
}

}  // namespace rt
