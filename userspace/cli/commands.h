// SPDX-License-Identifier: GPL-2.0-or-later
// One function a subcommand: takes its options, writes to stdout, returns the exit code.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"
#include "workload/gups.h"
#include "workload/kv_client.h"

#include <cstdint>
#include <string>
#include <vector>

namespace sluice {

struct CommonOptions {
    std::string sysroot = "/";
    bool json = false;
};

struct TopOptions {
    uint64_t iterations = 0;  // 0: until interrupted
    double seconds = 2;
};

struct StatusOptions {
    int pid = 0;  // 0: all
};

enum class RangeOrder { address, density, samples, size, slow, age };

struct RangesOptions {
    int pid = 0;
    RangeOrder order = RangeOrder::address;
    uint64_t limit = 0;  // 0: all
};

struct WhyOptions {
    int pid = 0;
    std::string address;  // hexadecimal
};

struct CostOptions {
    double seconds = 0;  // 0: since boot
};

struct GetOptions {
    std::vector<std::string> names;  // none: all
};

struct SetOptions {
    std::vector<std::string> changes;  // NAME=VALUE
};

struct MetricsOptions {
    std::string output;  // empty: stdout
};

struct KvOptions {
    KvConfig config;
    bool insert = true;
    bool read = true;
    Limit limit;
};

int run_doctor(const CommonOptions &common);
int run_status(const CommonOptions &common, const StatusOptions &options);
int run_top(const CommonOptions &common, const TopOptions &options);
int run_ranges(const CommonOptions &common, const RangesOptions &options);
int run_why(const CommonOptions &common, const WhyOptions &options);
int run_cost(const CommonOptions &common, const CostOptions &options);
int run_get(const CommonOptions &common, const GetOptions &options);
int run_set(const CommonOptions &common, const SetOptions &options);
int run_metrics(const CommonOptions &common, const MetricsOptions &options);
int run_map(const CommonOptions &common, int pid);
int run_load_gups(const CommonOptions &common, const GupsConfig &config);
int run_load_kv(const CommonOptions &common, const KvOptions &options);

// Prints the error on stderr; its exit code.
int report_error(const Error &error);

// SIGINT and SIGTERM ask the load to stop at its next batch, so that it still prints its result.
void catch_interrupts();
bool interrupted();
// Sleeps in the kernel until the time is over or a signal comes.
void pause_for(double seconds);

}  // namespace sluice
