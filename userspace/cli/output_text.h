// SPDX-License-Identifier: GPL-2.0-or-later
// Reports for people: plain text, complete, no colour.
#pragma once

#include "cli/report.h"
#include "sluice/doctor.h"
#include "sluice/why.h"
#include "workload/gups.h"
#include "workload/kv_client.h"

#include <string>

namespace sluice {

std::string to_text(const StatusReport &report);
std::string to_text(const TopReport &report);
std::string to_text(const MapReport &report);
std::string to_text(const ProcessReport &report);
std::string to_text(const RangesReport &report);
std::string to_text(const CostReport &report);
std::string to_text(const KnobsReport &report);
std::string to_text(const SetReport &report);
std::string to_text(const WhyReport &report);
std::string to_text(const Diagnosis &diagnosis);
std::string to_text(const GupsConfig &config, const GupsResult &result);

struct KvReport {
    KvConfig config;
    bool inserted = false;
    bool read = false;
    KvResult insert;
    KvResult reads;

    uint64_t corrupt_bytes() const { return insert.corrupt_bytes + reads.corrupt_bytes; }
    bool interrupted() const { return insert.interrupted || reads.interrupted; }
};

std::string to_text(const KvReport &report);

const char *name_of(KeyMode mode);
const char *name_of(HotPosition position);

}  // namespace sluice
