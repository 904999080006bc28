// SPDX-License-Identifier: GPL-2.0-or-later
// One function a subcommand: takes its options, writes to stdout, returns the exit code.
#pragma once

#include "sluice/result.h"
#include "sluice/sysroot.h"
#include "workload/gups.h"
#include "workload/kv_client.h"

#include <cstdint>

namespace sluice {

struct CommonOptions {
    std::string sysroot = "/";
    bool json = false;
};

struct TopOptions {
    uint64_t iterations = 0;  // 0: until interrupted
    double seconds = 2;
};

struct KvOptions {
    KvConfig config;
    bool insert = true;
    bool read = true;
    Limit limit;
};

int run_status(const CommonOptions &common);
int run_top(const CommonOptions &common, const TopOptions &options);
int run_map(const CommonOptions &common, int pid);
int run_load_gups(const CommonOptions &common, const GupsConfig &config);
int run_load_kv(const CommonOptions &common, const KvOptions &options);

// Prints the error on stderr; its exit code.
int report_error(const Error &error);

// SIGINT and SIGTERM ask the load to stop at its next batch, so that it still prints its result.
void catch_interrupts();
bool interrupted();

}  // namespace sluice
