// SPDX-License-Identifier: GPL-2.0-or-later
#include "sluice/topology.h"

#include "sluice/text.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

namespace sluice {

namespace {

constexpr std::string_view tiers_directory = "/sys/devices/virtual/memory_tiering";
constexpr std::string_view tier_prefix = "memory_tier";
constexpr std::string_view nodes_directory = "/sys/devices/system/node";
constexpr std::string_view node_prefix = "node";
constexpr uint64_t page_bytes = 4096;

Result<NodeMemory> read_node(const Sysroot &root, int node)
{
    const auto text = root.read(fmt::format("{}/node{}/meminfo", nodes_directory, node));
    if (!text)
        return propagate(text);
    return parse_node_meminfo(*text);
}

Result<Tier> read_tier(const Sysroot &root, int kernel_id)
{
    const std::string path =
        fmt::format("{}/{}{}/nodelist", tiers_directory, tier_prefix, kernel_id);
    const auto text = root.read(path);
    if (!text)
        return propagate(text);
    const auto nodes = parse_id_list(*text);
    if (!nodes)
        return fail(Error{Code::failed, "parse", path, "bad list: " + *text, {}});
    Tier tier;
    tier.kernel_id = kernel_id;
    tier.nodes = *nodes;
    for (int node : tier.nodes) {
        const auto memory = read_node(root, node);
        if (!memory)
            return propagate(memory);
        tier.memory.total_bytes += memory->total_bytes;
        tier.memory.free_bytes += memory->free_bytes;
    }
    return tier;
}

std::optional<uint64_t> read_number(const Sysroot &root, const std::string &path)
{
    const auto text = root.read(path);
    return text ? parse_number(trim(*text)) : std::nullopt;
}

// Latency and bandwidth as the nearest CPUs see them; zero stands for "not told".
std::optional<uint64_t> read_access(const Sysroot &root, int node, std::string_view what)
{
    const auto value = read_number(
        root, fmt::format("{}/node{}/access0/initiators/{}", nodes_directory, node, what));
    return value == uint64_t{0} ? std::nullopt : value;
}

}  // namespace

// "Node 0, zone   Normal", and below it "        min      1234".
std::map<int, uint64_t> parse_min_watermarks(std::string_view zoneinfo)
{
    std::map<int, uint64_t> pages;
    std::optional<uint64_t> node;
    for (std::string_view line : split_lines(zoneinfo)) {
        const auto words = split_fields(line);
        if (words.size() >= 2 && words[0] == "Node")
            node = parse_number(words[1].substr(0, words[1].find(',')));
        else if (node && words.size() == 2 && words[0] == "min")
            pages[static_cast<int>(*node)] += parse_number(words[1]).value_or(0);
    }
    return pages;
}

Result<std::vector<MemoryNode>> read_nodes(const Sysroot &root)
{
    const auto names = root.list(nodes_directory);
    if (!names)
        return propagate(names);
    const auto watermarks = parse_min_watermarks(root.read("/proc/zoneinfo").value_or(""));
    std::vector<MemoryNode> nodes;
    for (const std::string &name : *names) {
        const auto id = name.starts_with(node_prefix)
                            ? parse_number(std::string_view(name).substr(node_prefix.size()))
                            : std::nullopt;
        if (!id)
            continue;
        MemoryNode node;
        node.id = static_cast<int>(*id);
        const auto memory = read_node(root, node.id);
        if (!memory)
            return propagate(memory);
        if (memory->total_bytes == 0)
            continue;
        node.memory = *memory;
        if (const auto min = watermarks.find(node.id); min != watermarks.end())
            node.min_watermark_bytes = min->second * page_bytes;
        node.read_latency_ns = read_access(root, node.id, "read_latency");
        node.read_bandwidth_mib = read_access(root, node.id, "read_bandwidth");
        nodes.push_back(node);
    }
    std::sort(nodes.begin(), nodes.end(),
              [](const MemoryNode &a, const MemoryNode &b) { return a.id < b.id; });
    return nodes;
}

// Lines look like "Node 0 MemTotal:  253448 kB".
Result<NodeMemory> parse_node_meminfo(std::string_view text)
{
    std::optional<uint64_t> total, free;
    for (std::string_view line : split_lines(text)) {
        const auto words = split_fields(line);
        if (words.size() < 4)
            continue;
        if (words[2] == "MemTotal:")
            total = parse_number(words[3]);
        else if (words[2] == "MemFree:")
            free = parse_number(words[3]);
    }
    if (!total || !free)
        return fail(Error{Code::failed,
                          "parse",
                          "meminfo of a memory node",
                          "MemTotal or MemFree is missing",
                          {}});
    return NodeMemory{*total * 1024, *free * 1024};
}

// A smaller number in the name is a smaller latency: memory_tier4 is faster than memory_tier22.
Result<std::vector<Tier>> read_tiers(const Sysroot &root)
{
    const auto names = root.list(tiers_directory);
    if (!names) {
        Error error = names.error();
        error.code = Code::missing;
        error.hint = "the kernel shows no memory tiers: it needs CONFIG_NUMA and CONFIG_MIGRATION";
        return fail(error);
    }
    std::vector<Tier> tiers;
    for (const std::string &name : *names) {
        if (!name.starts_with(tier_prefix))
            continue;
        const auto id = parse_number(std::string_view(name).substr(tier_prefix.size()));
        if (!id)
            continue;
        auto tier = read_tier(root, static_cast<int>(*id));
        if (!tier)
            return propagate(tier);
        tiers.push_back(std::move(*tier));
    }
    std::sort(tiers.begin(), tiers.end(),
              [](const Tier &a, const Tier &b) { return a.kernel_id < b.kernel_id; });
    for (size_t rank = 0; rank < tiers.size(); ++rank)
        tiers[rank].rank = static_cast<int>(rank);
    return tiers;
}

}  // namespace sluice
