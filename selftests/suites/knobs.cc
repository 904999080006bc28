// SPDX-License-Identifier: GPL-2.0-or-later
// vm.sluice.*: defaults, bounds, and what may change when.

#include "suites/sluice_test.h"

namespace {

struct Knob {
    const char *name;
    const char *preset;
    const char *lowest;
    const char *highest;
    bool fixed_while_enabled;
    bool or_zero = false;
};

const Knob kAll[] = {
    {"sample_period", "4093", "127", "1000003", true},
    {"load_latency_cycles", "64", "3", "65535", true},
    {"sample_stores", "0", "127", "1000000007", true, true},
    {"buffer_kb", "64", "16", "64", true},
    {"epoch_ms", "500", "10", "60000", false},
    {"split_threshold", "15", "1", "1000000", false},
    {"min_range_kb", "2048", "4", "1048576", false},
    {"min_rss_kb", "16384", "0", "1073741824", false},
    {"relocate_mbps", "1024", "0", "1048576", false},
};

class Knobs : public SluiceTest, public testing::WithParamInterface<Knob> {
protected:
    static void expect_refused(const std::string &value, const std::string &error)
    {
        const auto before = guest::read_knob(GetParam().name);
        guest::KernelLog log(guest::KernelLog::kNow);
        EXPECT_EQ(guest::error_name(guest::write_knob(GetParam().name, value)), error) << value;
        EXPECT_TRUE(log.has("sluice: ")) << "nothing in the log about " << value;
        EXPECT_TRUE(log.has(GetParam().name)) << "the log does not name the knob";
        EXPECT_EQ(guest::read_knob(GetParam().name), before);
    }

    static std::string plus(const char *value, long long n)
    {
        return std::to_string(std::stoll(value) + n);
    }
};

TEST_P(Knobs, HasItsDefault)
{
    EXPECT_EQ(guest::read_knob(GetParam().name), GetParam().preset);
}

TEST_P(Knobs, TakesItsBounds)
{
    for (const char *value : {GetParam().lowest, GetParam().highest}) {
        set(GetParam().name, value);
        EXPECT_EQ(guest::read_knob(GetParam().name), value);
    }
}

TEST_P(Knobs, RefusesWhatIsOutOfRange)
{
    if (GetParam().lowest != std::string("0"))
        expect_refused(plus(GetParam().lowest, -1), "EINVAL");
    expect_refused(plus(GetParam().highest, 1), "EINVAL");
}

TEST_P(Knobs, ZeroIsAllowedOrNot)
{
    if (GetParam().or_zero || GetParam().lowest == std::string("0")) {
        set(GetParam().name, GetParam().highest);
        set(GetParam().name, "0");
        EXPECT_EQ(guest::read_knob(GetParam().name), "0");
    } else {
        expect_refused("0", "EINVAL");
    }
}

TEST_P(Knobs, RefusesWhatIsNoNumber)
{
    const auto before = guest::read_knob(GetParam().name);
    EXPECT_EQ(guest::error_name(guest::write_knob(GetParam().name, "many")), "EINVAL");
    EXPECT_EQ(guest::read_knob(GetParam().name), before);
}

TEST_P(Knobs, IsFixedWhileEnabledOrNot)
{
    enable();
    if (GetParam().fixed_while_enabled) {
        const char *other = GetParam().preset == std::string(GetParam().highest)
                                ? GetParam().lowest
                                : GetParam().highest;
        expect_refused(other, "EBUSY");
    } else {
        set(GetParam().name, GetParam().highest);
        EXPECT_EQ(guest::read_knob(GetParam().name), GetParam().highest);
    }
    disable();
}

INSTANTIATE_TEST_SUITE_P(All, Knobs, testing::ValuesIn(kAll),
                         [](const auto &info) { return std::string(info.param.name); });

// Not a knob: what has been measured.
TEST(Measured, CostOfAMoveIsReadOnlyAndWithinItsBounds)
{
    EXPECT_NE(guest::write_knob("move_cost_ns", "1"), 0);
    const long cost = std::stol(guest::read_knob("move_cost_ns"));
    EXPECT_GT(cost, 0);
    EXPECT_LE(cost, 20000);
}

class Enabled : public SluiceTest {};

TEST_F(Enabled, IsOffAfterBoot)
{
    EXPECT_EQ(guest::read_knob("enabled"), "0");
}

TEST_F(Enabled, WritingTheSameValueIsFine)
{
    disable();
    enable();
    enable();
    disable();
}

TEST_F(Enabled, RefusesOtherValues)
{
    for (const char *value : {"2", "-1"}) {
        EXPECT_EQ(guest::error_name(guest::write_knob("enabled", value)), "EINVAL") << value;
        EXPECT_EQ(guest::read_knob("enabled"), "0");
    }
}

}  // namespace
