// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's redis-server, as it ships, with a client that checks each value it gets.
#pragma once

#include "workload/key_chooser.h"
#include "workload/kv_client.h"
#include "workload/load.h"
#include "workload/redis_server.h"

#include <filesystem>
#include <memory>

namespace sluice {

struct RedisTableConfig {
    uint64_t bytes = 256 << 20;  // of the server, about
    uint64_t seed = 1;
};

// Values of 1000 bytes; 90 % of the reads go to the tenth that was inserted last. The memory is the
// server's, where its allocator puts it: the arena is empty, and an oracle has nothing to go by.
class RedisTable : public Load {
public:
    static Result<std::unique_ptr<Load>> create(const RedisTableConfig &config);

    void step(uint64_t operations) override;
    uint64_t corrupt_bytes() override;
    // So that a test can spoil a value, or the server.
    const KvConfig &client_config() const { return config_; }
    pid_t server_process() const { return server_.pid(); }

private:
    struct Directory {
        std::filesystem::path path;
        explicit Directory(std::filesystem::path made) : path(std::move(made)) {}
        Directory(Directory &&other) noexcept : path(std::exchange(other.path, {})) {}
        Directory &operator=(Directory &&) = delete;
        ~Directory();
    };

    RedisTable(Arena arena, Directory directory, RedisServer server, const KvConfig &config,
               KvClient client);
    static Result<Directory> make_directory();
    void read(const std::vector<uint64_t> &keys);

    Directory directory_;  // outlives the server
    RedisServer server_;
    KvConfig config_;
    KvClient client_;
    LatestChooser chooser_;
    Random random_;
    std::vector<uint64_t> batch_;
    KvResult seen_;
    uint64_t failures_ = 0;
};

}  // namespace sluice
