// SPDX-License-Identifier: GPL-2.0-or-later
// Recordings that no kernel writes: nothing that shows them may crash, hang or need all memory.
// `scripts/fuzz` looks for more; what it found is here by name.
#include <gtest/gtest.h>

#include <string>

#include "tests/read_everything.h"
#include "tests/run_command.h"
#include "workload/random.h"

namespace sluice {
namespace {

const std::string fixture = FIXTURES "/recordings/gups.data";

// What libFuzzer does most: bytes changed, left out, put in, said twice.
void mutate(std::string &bytes, Random &random)
{
    const size_t at = random.below(bytes.size());
    const size_t length = std::min<size_t>(random.below(40) + 1, bytes.size() - at);
    switch (random.below(5)) {
        case 0:
            bytes[at] = static_cast<char>(random.next());
            break;
        case 1:
            bytes[at] = static_cast<char>(bytes[at] ^ 1 << random.below(8));
            break;
        case 2:
            bytes.erase(at, length);
            break;
        case 3:
            bytes.insert(at, bytes.substr(random.below(bytes.size()), length));
            break;
        default:
            bytes.replace(at, length, std::string(length, '\xff'));
    }
}

// A piece of the run is enough for each, and fast.
TEST(FuzzSeeds, EventsThatMakeNoSense)
{
    const std::string all = plain_events_of(read_file(fixture));
    ASSERT_GT(all.size(), 50'000u);
    Random random(11);
    size_t processes = 0;
    for (int run = 0; run < 400; ++run) {
        std::string bytes = all.substr(0, 2000 + random.below(run % 10 == 0 ? 40'000 : 4000));
        for (uint64_t i = random.below(12) + 1; i > 0; --i)
            mutate(bytes, random);
        processes += read_everything(recording_of({}, bytes));
    }
    EXPECT_GT(processes, 200u) << "at least every second one is shown, not refused";
}

TEST(FuzzSeeds, ANameThatIsNotUtf8)
{
    std::string events = plain_events_of(read_file(fixture)).substr(0, 20'000);
    const size_t at = events.find("sluice");
    ASSERT_NE(at, std::string::npos);
    events[at + 1] = '\x9b';
    EXPECT_GT(read_everything(recording_of({}, events)), 0u);
}

}  // namespace
}  // namespace sluice
