// SPDX-License-Identifier: GPL-2.0-or-later
#include "demo/run.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "demo/timeline.h"
#include "sluice/text.h"
#include "workload/cpu.h"
#include "workload/redis_server.h"

namespace sluice {

namespace {

constexpr std::string_view thp_path = "/sys/kernel/mm/transparent_hugepage/enabled";

std::string transparent_hugepages(const Sysroot &root)
{
    const auto text = root.read(thp_path);
    return text ? std::string(trim(*text)) : "not in this kernel";
}

Json accesses_json(const TierAccesses &accesses)
{
    return {{"fast", accesses.fast}, {"slow", accesses.slow}};
}

// The part of the result that every load has.
Json kernel_json(const Snapshot &delta)
{
    const auto sum_of = [&](std::string_view prefix) {
        return sum(with_prefix(delta.sluice, prefix));
    };
    return {{"pages_promoted", value_of(delta.sluice, "sluice_promoted")},
            {"pages_demoted", value_of(delta.sluice, "sluice_demoted")},
            {"pages_migrated", delta.pages_migrated},
            {"samples", samples_json(delta.sluice)},
            {"pmis", value_of(delta.sluice, "sluice_pmis")},
            {"drains", sum_of("sluice_drain_")},
            {"context_switches", delta.context_switches},
            {"counters", delta.sluice}};
}

// Brackets a load: settings, counters before, Sluice on - and after it off, counters after.
class Observation {
public:
    static Result<Observation> begin(const RunConfig &run)
    {
        const Sysroot root;
        auto before = Snapshot::take(root);
        if (!before)
            return propagate(before);
        if (run.sluice)
            if (auto on = switch_on(root, run.knobs); !on)
                return propagate(on);
        return Observation(run, *before);
    }

    Result<Json> end() const
    {
        if (run_.sluice)
            if (auto off = switch_off(root_); !off)
                return propagate(off);
        const auto after = Snapshot::take(root_);
        if (!after)
            return propagate(after);
        Json json = {{"schema", "sluice.demo-run/1"},
                     {"name", run_.name},
                     {"sluice", run_.sluice},
                     {"knobs", run_.knobs},
                     {"transparent_hugepages", transparent_hugepages(root_)}};
        json.update(kernel_json(difference(*after, before_)));
        return json;
    }

private:
    Observation(const RunConfig &run, Snapshot before) : run_(run), before_(std::move(before)) {}

    Sysroot root_;
    RunConfig run_;
    Snapshot before_;
};

Result<Json> save(const RunConfig &run, Json json)
{
    const auto written = write_result(run.directory + "/result.json", json.dump(2) + "\n");
    if (!written)
        return propagate(written);
    return json;
}

// The read phase, with the server's accesses at its start, half and end.
struct ReadPhase {
    KvResult result;
    TierAccesses first;
    TierAccesses second;
    Json timeline;
};

TierAccesses operator-(const TierAccesses &a, const TierAccesses &b)
{
    return {a.fast - b.fast, a.slow - b.slow};
}

Result<ReadPhase> read_phase(KvClient &client, const TierAccessCounters &counters, uint64_t reads)
{
    Timeline timeline("read", reads, [&] { return counters.read(); });
    Result<TierAccesses> half;
    const auto start = counters.read();
    if (!start)
        return propagate(start);
    Hooks hooks;
    hooks.at_half = [&] { half = counters.read(); };
    hooks.between = [&](uint64_t done) { timeline.tick(done); };
    auto result = client.read(Limit{reads, {}}, hooks);
    if (!result)
        return propagate(result);
    const auto end = counters.read();
    if (!half)
        return propagate(half);
    if (!end)
        return propagate(end);
    return ReadPhase{*result, *half - *start, *end - *half, timeline.json()};
}

Json reads_json(KeyMode mode, const ReadPhase &read)
{
    const KvResult &result = read.result;
    return {{"load", "redis"},
            {"mode", name_of(mode)},
            {"read_first_half", span_json(result.halves.first)},
            {"read_second_half", span_json(result.halves.second)},
            {"accesses_first_half", accesses_json(read.first)},
            {"accesses_second_half", accesses_json(read.second)},
            {"fast_tier_hit_ratio", read.second.hit_ratio()},
            {"throughput_ops", result.halves.second.per_second()},
            {"timeline", read.timeline},
            {"missing_values", result.missing_values},
            {"corrupt_bytes", result.corrupt_bytes}};
}

// As fast as the machine goes: nothing is counted yet.
Result<KvResult> insert_phase(KvClient &client, uint64_t keys)
{
    Timeline timeline("insert", keys);
    Hooks hooks;
    hooks.between = [&](uint64_t done) { timeline.tick(done); };
    return client.insert(hooks);
}

// The server's pages by node; and with Sluice its ranges, for the picture.
Result<Json> look_at_server(const RunConfig &run, int pid)
{
    const Sysroot root;
    const auto bytes = read_node_bytes(root, pid);
    if (!bytes)
        return propagate(bytes);
    if (run.sluice)
        if (auto captured = capture_process(root, pid, run.directory + "/captured"); !captured)
            return propagate(captured);
    Json nodes = Json::object();
    for (const auto &[node, count] : *bytes)
        nodes[std::to_string(node)] = count;
    return Json{{"pid", pid}, {"node_bytes", nodes}};
}

Result<Json> observe_reads(const RedisRunConfig &config, const RedisServer &server,
                           KvClient &client)
{
    const auto counters = TierAccessCounters::open(server.pid());
    if (!counters)
        return propagate(counters);
    const auto observation = Observation::begin(config.run);
    if (!observation)
        return propagate(observation);
    const auto read = read_phase(client, *counters, config.reads);
    if (!read)
        return propagate(read);
    const auto look = look_at_server(config.run, server.pid());
    if (!look)
        return propagate(look);
    auto json = observation->end();
    if (!json)
        return propagate(json);
    json->update(reads_json(config.kv.mode, *read));
    json->update(Json{{"server", *look}});
    return json;
}

}  // namespace

// Both kinds of runs insert in the same way; Sluice is on from the first read to the last, so that
// what differs between them is what it does.
Result<Json> run_redis(const RedisRunConfig &config)
{
    const std::string directory = std::filesystem::temp_directory_path() / "sluice-demo";
    std::filesystem::create_directories(directory);
    if (auto off = switch_off_numa_balancing(Sysroot()); !off)
        return propagate(off);
    // In virtual time all vCPUs share one timeline, so nothing is lost; but where the scheduler
    // puts client and server would differ from run to run, and with it the throughput. The other
    // vCPU is left to the kernel.
    if (auto pinned = stay_on_cpu(0); !pinned)
        return propagate(pinned);
    auto server = RedisServer::start(directory);
    if (!server)
        return propagate(server);
    KvConfig kv = config.kv;
    kv.address.unix_path = server->socket();
    auto client = KvClient::connect(kv);
    if (!client)
        return propagate(client);
    const auto inserted = insert_phase(*client, kv.keys);
    if (!inserted)
        return propagate(inserted);
    auto json = observe_reads(config, *server, *client);
    if (!json)
        return propagate(json);
    json->update(Json{{"keys", kv.keys},
                      {"value_bytes", kv.value_bytes},
                      {"insert", span_json(inserted->halves.whole())}});
    if (auto stopped = server->stop(); !stopped)
        return propagate(stopped);
    return save(config.run, *json);
}

Result<Json> run_gups(const RunConfig &run, const GupsConfig &config)
{
    if (auto off = switch_off_numa_balancing(Sysroot()); !off)
        return propagate(off);
    const auto observation = Observation::begin(run);
    if (!observation)
        return propagate(observation);
    auto gups = Gups::create(config);
    if (!gups)
        return propagate(gups);
    gups->run({});
    const GupsResult result = gups->verify();
    auto json = observation->end();
    if (!json)
        return propagate(json);
    json->update(Json{{"load", "gups"},
                      {"size_bytes", config.size_bytes},
                      {"read_first_half", span_json(result.halves.first)},
                      {"read_second_half", span_json(result.halves.second)},
                      {"throughput_ops", result.halves.second.per_second()},
                      {"corrupt_bytes", result.corrupt_bytes}});
    return save(run, *json);
}

}  // namespace sluice
