// SPDX-License-Identifier: GPL-2.0-or-later
// What a managed process costs in memory: what the kernel's code has allocated for one.
#include "kernel.h"
#include "register.h"

namespace bench {

namespace {

using unit::operator""_GiB;
using unit::operator""_TiB;
using unit::operator""_MiB;

// Bytes of a process of 64 GiB whose hot memory is in so many pieces, after a hundred epochs.
size_t ranges_bytes(unsigned pieces)
{
    const size_t before = shim_bytes;
    unit::Ranges ranges;
    const u64 size = 64_GiB, stride = size / pieces;
    ranges.sync({{1_TiB, 1_TiB + size}});
    unit::Random random(1);
    for (int epoch = 0; epoch < 100; epoch++) {
        unit::Entries samples(4096);
        for (u64 &sample : samples)
            sample = 1_TiB + random.below(pieces) * stride + random.below(stride / 8);
        ranges.epoch(samples);
    }
    return shim_bytes - before + sizeof(sluice_ranges);
}

size_t channel_bytes(unsigned entries)
{
    const size_t before = shim_bytes;
    unit::Channel channel(entries);
    return shim_bytes - before + sizeof(sluice_channel);
}

}  // namespace

// In a guest of up to four CPUs.
nlohmann::json memory_of_a_process()
{
    const size_t channel = channel_bytes(sluice_channel_entries(4));
    const size_t typical = ranges_bytes(8), most = ranges_bytes(400);
    return {{"channel", channel},
            {"ranges_typical", typical},
            {"ranges_most", most},
            {"typical", channel + typical},
            {"most", channel + most}};
}

}  // namespace bench
