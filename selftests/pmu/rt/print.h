// SPDX-License-Identifier: GPL-2.0-or-later
// Text for the results (KTAP, debug console) and for people (serial console).
#pragma once

#include <stdint.h>

namespace rt {

struct Hex {
    uint64_t value;
};

// Text of limited length; what does not fit is cut off.
class Text {
public:
    Text &add(char c);
    Text &add(const char *s);
    Text &add(Hex h);
    Text &add_number(uint64_t n);
    Text &add(Text const &other) { return add(other.text()); }
    template <typename T>
        requires __is_enum
    (T) Text &add(T n)
    {
        return add_number(static_cast<uint64_t>(n));
    }
    Text &add(unsigned n) { return add_number(n); }
    Text &add(unsigned long n) { return add_number(n); }
    Text &add(unsigned long long n) { return add_number(n); }
    Text &add(int n)
    {
        return n < 0 ? add('-').add_number(-static_cast<int64_t>(n))
                     : add_number(static_cast<uint64_t>(n));
    }
    const char *text() const { return text_; }
    bool empty() const { return length_ == 0; }
    void clear() { text_[length_ = 0] = 0; }

private:
    static constexpr unsigned kMost = 1000;
    char text_[kMost + 1] = {};
    unsigned length_ = 0;
};

void result_line(const Text &text);   // one line of KTAP
void console_line(const Text &text);  // one line on the serial console

template <typename... Args>
Text text(const Args &...args)
{
    Text t;
    (t.add(args), ...);
    return t;
}

enum class End : uint8_t { passed = 0x10, failed = 0x11, broke = 0x12 };

// Turns the machine off through QEMU's debug exit: its status is 2 * end + 1.
[[noreturn]] void power_off(End end);

// Something that no test can go on after.
[[noreturn]] void panic(const Text &why);

}  // namespace rt
