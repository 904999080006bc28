// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_json.h"

#include <cmath>

#include <fmt/format.h>

namespace sluice {

namespace {

Json tiers_json(const std::vector<Tier> &tiers)
{
    Json list = Json::array();
    for (const Tier &tier : tiers)
        list.push_back({{"tier", tier.rank},
                        {"kernel_id", tier.kernel_id},
                        {"nodes", tier.nodes},
                        {"total_bytes", tier.memory.total_bytes},
                        {"free_bytes", tier.memory.free_bytes}});
    return list;
}

Json nodes_json(const StatusReport &report)
{
    Json list = Json::array();
    for (const MemoryNode &node : report.nodes) {
        Json tier, bandwidth;
        for (const Tier &candidate : report.tiers)
            for (int member : candidate.nodes)
                if (member == node.id)
                    tier = candidate.rank;
        if (node.read_bandwidth_mib)
            bandwidth = *node.read_bandwidth_mib << 20;
        list.push_back({{"node", node.id},
                        {"tier", std::move(tier)},
                        {"total_bytes", node.memory.total_bytes},
                        {"free_bytes", node.memory.free_bytes},
                        {"min_watermark_bytes", node.min_watermark_bytes},
                        {"read_latency_ns", optional_json(node.read_latency_ns)},
                        {"read_bandwidth_bytes", std::move(bandwidth)}});
    }
    return list;
}

Json process_json(const ManagedProcess &process)
{
    const RangeTable &table = process.table;
    return {{"pid", process.pid},
            {"name", process.name},
            {"ranges", table.ranges.size()},
            {"samples", table.samples},
            {"epoch", table.epoch},
            {"resident_bytes", table.resident_bytes()},
            {"fast_bytes", table.fast_bytes()}};
}

Json processes_json(const ProcessList &processes)
{
    Json list = Json::array();
    for (const ManagedProcess &process : processes.managed)
        list.push_back(process_json(process));
    return list;
}

Json knobs_json(const Knobs &knobs)
{
    Json object = Json::object();
    for (const auto &[name, value] : knobs)
        std::visit([&, key = name](const auto &plain) { object[key] = plain; }, value);
    return object;
}

Json halves_json(const Halves &halves)
{
    return {{"whole", span_json(halves.whole())},
            {"first_half", span_json(halves.first)},
            {"second_half", span_json(halves.second)}};
}

}  // namespace

Json span_json(const Span &span)
{
    return {{"operations", span.operations},
            {"nanoseconds", span.nanoseconds},
            {"operations_per_second", static_cast<uint64_t>(span.per_second())}};
}

Json samples_json(const Counters &counters)
{
    const SampleAccount account = account_of(counters);
    return {{"records", account.records},
            {"classified", account.classified},
            {"dropped", account.dropped},
            {"dropped_total", account.dropped_total},
            {"in_flight", account.in_flight}};
}

Json to_json(const StatusReport &report)
{
    return {{"schema", "sluice.status/1"},
            {"enabled", is_enabled(report.knobs)},
            {"health", health_name(health_of(report))},
            {"knobs", knobs_json(report.knobs)},
            {"nodes", nodes_json(report)},
            {"tiers", tiers_json(report.tiers)},
            {"processes", processes_json(report.processes)},
            {"unreadable_processes", report.processes.unreadable},
            {"samples", samples_json(report.counters)},
            {"counters", report.counters}};
}

Json to_json(const TopReport &report)
{
    Json processes = Json::array();
    for (const ManagedProcess &process : report.now.processes.managed) {
        Json entry = process_json(process);
        entry["new_samples"] = report.samples_by_pid.at(process.pid);
        processes.push_back(std::move(entry));
    }
    return {{"schema", "sluice.top/1"},
            {"enabled", is_enabled(report.now.knobs)},
            {"nanoseconds", static_cast<uint64_t>(report.seconds * 1e9)},
            {"tiers", tiers_json(report.now.tiers)},
            {"processes", std::move(processes)},
            {"unreadable_processes", report.now.processes.unreadable},
            {"samples", samples_json(report.delta)},
            {"counters", report.delta}};
}

Json to_json(const MapReport &report)
{
    Json json = {{"schema", "sluice.map/1"}};
    json.update(process_json(report.process));
    json["capacity_bytes"] = report.process.table.capacity_bytes;
    Json nodes = Json::object();
    for (const auto &[node, bytes] : report.node_bytes)
        nodes[std::to_string(node)] = bytes;
    json["node_bytes"] = std::move(nodes);
    Json ranges = Json::array();
    for (const Range &range : report.process.table.ranges)
        ranges.push_back(range_json(range));
    json["ranges"] = std::move(ranges);
    return json;
}

Json to_json(const GupsConfig &config, const GupsResult &result)
{
    Json json = {{"schema", "sluice.load.gups/1"},
                 {"size_bytes", config.size_bytes},
                 {"hot_permille", std::lround(config.hot_fraction * 1000)},
                 {"hot_share_permille", std::lround(config.hot_share * 1000)},
                 {"hot_position", name_of(config.hot_position)},
                 {"seed", config.seed}};
    json.update(halves_json(result.halves));
    json["corrupt_bytes"] = result.corrupt_bytes;
    json["interrupted"] = result.interrupted;
    return json;
}

Json to_json(const KvReport &report)
{
    Json json = {{"schema", "sluice.load.kv/1"},       {"address", report.config.address.text()},
                 {"keys", report.config.keys},         {"value_bytes", report.config.value_bytes},
                 {"pipeline", report.config.pipeline}, {"seed", report.config.seed},
                 {"mode", name_of(report.config.mode)}};
    if (report.inserted)
        json["insert"] = halves_json(report.insert.halves);
    if (report.read)
        json["read"] = halves_json(report.reads.halves);
    json["corrupt_bytes"] = report.corrupt_bytes();
    json["missing_values"] = report.reads.missing_values;
    json["interrupted"] = report.interrupted();
    return json;
}

}  // namespace sluice
