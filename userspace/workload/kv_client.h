// SPDX-License-Identifier: GPL-2.0-or-later
// A client of redis-server that checks every value it reads.
#pragma once

#include "sluice/result.h"
#include "workload/key_chooser.h"
#include "workload/kv_value.h"
#include "workload/progress.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct redisContext;
struct redisReply;

namespace sluice {

struct KvAddress {
    std::string unix_path;  // empty: TCP
    std::string host = "127.0.0.1";
    int port = 6379;

    std::string text() const;
};

struct KvConfig {
    KvAddress address;
    uint64_t keys = 100000;
    uint64_t value_bytes = 1000;
    uint64_t pipeline = 16;  // requests sent before the first answer is awaited
    uint64_t seed = 1;
    KeyMode mode = KeyMode::latest;
};

struct KvResult {
    Halves halves;
    uint64_t corrupt_bytes = 0;
    uint64_t missing_values = 0;  // their bytes are in corrupt_bytes
    bool interrupted = false;
};

class KvClient {
public:
    static Result<KvClient> connect(const KvConfig &config);

    Result<> ping();
    Result<KvResult> insert(const Hooks &hooks);  // all keys, in order
    Result<KvResult> read(Limit limit, const Hooks &hooks);
    // Adds to `result` what is wrong or missing.
    Result<> read_keys(const std::vector<uint64_t> &ids, KvResult &result);

private:
    struct Disconnect {
        void operator()(redisContext *context) const;
    };
    struct FreeReply {
        void operator()(redisReply *reply) const;
    };
    using Reply = std::unique_ptr<redisReply, FreeReply>;

    explicit KvClient(const KvConfig &config)
        : config_(config), values_(config.seed, config.value_bytes)
    {
    }
    Result<> send(const std::string &requests);
    Result<Reply> receive();
    Result<> insert_batch(uint64_t first, uint64_t count);
    Error broken(const char *operation) const;

    KvConfig config_;
    KvValues values_;
    std::string requests_;  // of one batch; kept, so that it grows only once
    std::unique_ptr<redisContext, Disconnect> context_;
};

}  // namespace sluice
