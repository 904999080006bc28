// SPDX-License-Identifier: GPL-2.0-or-later
// "Does it work?": the first line of status that says so, for each answer there is.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/output_json.h"
#include "cli/output_text.h"

namespace sluice {
namespace {

// A guest where it works, to be broken.
StatusReport working()
{
    return collect_status(Sysroot(FIXTURES "/6.12-gups")).value();
}

void expect(const StatusReport &report, Health health, const std::string &text)
{
    EXPECT_EQ(health_of(report), health) << health_name(health_of(report));
    EXPECT_NE(to_text(report).find("\n" + text), std::string::npos) << to_text(report);
    EXPECT_EQ(to_json(report)["health"], health_name(health));
}

TEST(StatusHealth, SaysThatItWorksInFigures)
{
    expect(working(), Health::works, "it works: ");
}

TEST(StatusHealth, OffComesBeforeAllElse)
{
    StatusReport report = working();
    report.knobs["enabled"] = uint64_t{0};
    report.counters.clear();
    expect(report, Health::off, "it is off: sluice set enabled=1");
}

TEST(StatusHealth, WithoutSamplesTheDoctorIsAsked)
{
    StatusReport report = working();
    report.counters["sluice_records"] = 0;
    expect(report, Health::no_samples, "no sample has come yet");
}

TEST(StatusHealth, WithoutAProcessNothingCanMove)
{
    StatusReport report = working();
    report.processes.managed.clear();
    expect(report, Health::nothing_managed, "samples come, but no process is managed");
}

TEST(StatusHealth, DroppedSamplesAreNoSamples)
{
    StatusReport report = working();
    report.counters["sluice_classified"] = 0;
    expect(report, Health::all_dropped, "samples come, but all are dropped");
}

}  // namespace
}  // namespace sluice
