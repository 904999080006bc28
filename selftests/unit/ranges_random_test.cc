// SPDX-License-Identifier: GPL-2.0-or-later
#include "ranges_random.h"

namespace unit {
namespace {

TEST(RangesRandom, KeepTheirInvariants)
{
    for (u64 seed = 0; seed < 1000; seed++) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Random random(seed);
        abuse_ranges([&](u64 bound) { return random.below(bound); }, 20);
        if (HasFatalFailure())
            return;
    }
}

}  // namespace
}  // namespace unit
