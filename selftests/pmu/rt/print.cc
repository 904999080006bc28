// SPDX-License-Identifier: GPL-2.0-or-later
#include "rt/print.h"

#include "rt/lock.h"
#include "rt/x86.h"

namespace rt {

namespace {

constexpr uint16_t kDebugConsole = 0xe9;
constexpr uint16_t kSerial = 0x3f8;
constexpr uint16_t kDebugExit = 0xf4;

Lock output;

void send(uint16_t port, const char *s)
{
    for (; *s; s++)
        out8(port, static_cast<uint8_t>(*s));
    out8(port, '\n');
}

}  // namespace

Text &Text::add(char c)
{
    if (length_ < kMost) {
        text_[length_++] = c;
        text_[length_] = 0;
    }
    return *this;
}

Text &Text::add(const char *s)
{
    while (*s)
        add(*s++);
    return *this;
}

Text &Text::add(Hex h)
{
    add("0x");
    int shift = 60;
    while (shift > 0 && !(h.value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        add("0123456789abcdef"[h.value >> shift & 15]);
    return *this;
}

Text &Text::add_number(uint64_t n)
{
    char digits[20];
    int count = 0;
    do {
        digits[count++] = static_cast<char>('0' + n % 10);
        n /= 10;
    } while (n);
    while (count)
        add(digits[--count]);
    return *this;
}

void result_line(const Text &text)
{
    const LockGuard guard(output);
    send(kDebugConsole, text.text());
}

void console_line(const Text &text)
{
    const LockGuard guard(output);
    send(kSerial, text.text());
}

void power_off(End end)
{
    out8(kDebugExit, static_cast<uint8_t>(end));
    for (;;)
        asm volatile("cli; hlt");
}

void panic(const Text &why)
{
    // Whoever holds the lock may be the one who is in trouble: do not wait for it.
    send(kSerial, Text().add("panic: ").add(why.text()).text());
    power_off(End::broke);
}

}  // namespace rt
