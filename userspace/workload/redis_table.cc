// SPDX-License-Identifier: GPL-2.0-or-later
#include "workload/redis_table.h"

#include <stdlib.h>
#include <algorithm>
#include <cerrno>
#include <numeric>

namespace sluice {

namespace {

constexpr uint64_t value_bytes = 1000;
// What the server takes for each of them beside the value: the key, its entry, rounding up.
constexpr uint64_t entry_bytes = 150;
constexpr uint64_t pipeline = 64;

KvConfig client_of(const RedisTableConfig &config, const RedisServer &server)
{
    KvConfig client;
    client.address.unix_path = server.socket();
    client.keys = config.bytes / (value_bytes + entry_bytes);
    client.value_bytes = value_bytes;
    client.pipeline = pipeline;
    client.seed = config.seed;
    return client;
}

}  // namespace

RedisTable::Directory::~Directory()
{
    std::error_code ignored;
    if (!path.empty())
        std::filesystem::remove_all(path, ignored);
}

RedisTable::RedisTable(Arena arena, Directory directory, RedisServer server, const KvConfig &config,
                       KvClient client)
    : Load(std::move(arena)),
      directory_(std::move(directory)),
      server_(std::move(server)),
      config_(config),
      client_(std::move(client)),
      chooser_(config.keys),
      random_(config.seed)
{
}

Result<RedisTable::Directory> RedisTable::make_directory()
{
    std::string name = (std::filesystem::temp_directory_path() / "sluice-redis-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        return fail(os_error("make", name, errno));
    return Directory(name);
}

Result<std::unique_ptr<Load>> RedisTable::create(const RedisTableConfig &config)
{
    auto arena = Arena::create(0);
    if (!arena)
        return propagate(arena);
    auto directory = make_directory();
    if (!directory)
        return propagate(directory);
    auto server = RedisServer::start(directory->path);
    if (!server)
        return propagate(server);
    const KvConfig client_config = client_of(config, *server);
    auto client = KvClient::connect(client_config);
    if (!client)
        return propagate(client);
    if (const auto inserted = client->insert({}); !inserted)
        return propagate(inserted);
    return std::unique_ptr<Load>(new RedisTable(std::move(*arena), std::move(*directory),
                                                std::move(*server), client_config,
                                                std::move(*client)));
}

void RedisTable::read(const std::vector<uint64_t> &keys)
{
    failures_ += !client_.read_keys(keys, seen_);
}

void RedisTable::step(uint64_t operations)
{
    for (uint64_t done = 0; done < operations; done += batch_.size()) {
        batch_.resize(std::min(pipeline, operations - done));
        std::ranges::generate(batch_, [&] { return chooser_.next(random_); });
        read(batch_);
    }
}

uint64_t RedisTable::corrupt_bytes()
{
    const uint64_t before = seen_.corrupt_bytes;
    for (uint64_t first = 0; first < config_.keys; first += pipeline) {
        batch_.resize(std::min(pipeline, config_.keys - first));
        std::iota(batch_.begin(), batch_.end(), first);
        read(batch_);
    }
    const uint64_t now = seen_.corrupt_bytes;
    seen_.corrupt_bytes = before;
    return now + failures_;
}

}  // namespace sluice
