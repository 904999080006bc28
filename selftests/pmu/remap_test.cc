// SPDX-License-Identifier: GPL-2.0-or-later
// One CPU changes the memory map, as a kernel does when it sizes the BARs of its devices, while the
// others use their local APICs. QEMU may find neither another device nor none at their addresses:
// a guest whose write to a timer went astray waits for that timer for ever.
#include "rt/apic.h"
#include "rt/cpu.h"
#include "rt/options.h"
#include "rt/test.h"
#include "rt/x86.h"

using namespace rt;

namespace {

// In virtual time the CPUs run in turn, in one thread: nothing can be half changed, and a change
// takes the emulator long.
unsigned changes()
{
    return options().virtual_time ? 100 : 4000;
}

// Intel 7 Series and Q35 chipsets' data sheets: PAM1, of the host bridge at 0:0.0, says who answers
// between 0xc0000 and 0xc7fff. Changing it there splits and joins the map below the APIC.
class Pam1 {
public:
    Pam1() : before_(get()) {}
    ~Pam1() { set(before_); }

    static void set(uint8_t value)
    {
        select();
        out8(kData, value);
    }

private:
    static constexpr uint16_t kAddress = 0xcf8, kData = 0xcfc + 1;
    static uint8_t get()
    {
        select();
        return in8(kData);
    }

    static void select() { out32(kAddress, 0x80000090); }

    const uint8_t before_;
};

volatile bool changing;

void change_the_map()
{
    Pam1 pam;
    for (unsigned i = 0; i < changes(); i++)
        pam.set(i % 2 ? 0x33 : 0x10);
}

unsigned wrong_answers()
{
    unsigned wrong = 0;
    do {
        for (uint8_t vector = 0x40; vector < 0x80; vector++) {
            apic_write(kApicLvtTimer, kLvtMasked | vector);
            if (apic_read(kApicLvtTimer) != (kLvtMasked | vector))
                wrong++;
        }
    } while (changing);
    return wrong;
}

}  // namespace

TEST(remap, the_local_apic_is_found_while_the_map_changes)
{
    if (cpu().index == 0)
        changing = all_at_once();
    meet();
    if (all_at_once() && cpu().index == 0) {
        change_the_map();
        changing = false;
    } else {
        EXPECT_EQ(0u, wrong_answers());
    }
    meet();
}
