// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/machine.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

namespace harness {

namespace {

using Json = nlohmann::json;

Node parse_node(const Json &j)
{
    Node node;
    node.memory_mib = j.at("memory_mib").get<uint64_t>();
    node.cpus = j.value("cpus", "");
    node.latency_ns = j.at("latency_ns").get<unsigned>();
    node.bandwidth_gib = j.at("bandwidth_gib").get<unsigned>();
    return node;
}

Result<void> validate(const Machine &m)
{
    const auto bad = [&m](const char *why) { return fail("use machine", m.name, why); };
    if (m.vcpus == 0)
        return bad("it has no vCPUs");
    if (m.nodes.empty())
        return bad("it has no memory nodes");
    if (m.nodes.front().cpus.empty())
        return bad("node 0 has no vCPUs (latencies are seen from there)");
    for (const auto &node : m.nodes)
        if (node.memory_mib == 0 || node.latency_ns == 0 || node.bandwidth_gib == 0)
            return bad("a node has no memory, latency or bandwidth");
    return {};
}

}  // namespace

uint64_t Machine::memory_mib() const
{
    uint64_t sum = 0;
    for (const auto &node : nodes)
        sum += node.memory_mib;
    return sum;
}

Result<Machine> parse_machine(const std::string &name, std::string_view text)
{
    Machine m;
    m.name = name;
    try {
        const Json j = Json::parse(text);
        m.description = j.value("description", "");
        m.vcpus = j.at("vcpus").get<unsigned>();
        m.cpu = j.value("cpu", "Icelake-Server-v4");
        m.pmu = j.at("pmu").get<bool>();
        for (const auto &node : j.at("nodes"))
            m.nodes.push_back(parse_node(node));
    } catch (const Json::exception &e) {
        return fail("parse machine", name, e.what());
    }
    if (auto ok = validate(m); !ok)
        return tl::make_unexpected(ok.error());
    return m;
}

Result<void> set_vcpus(Machine &machine, unsigned vcpus, unsigned room)
{
    if (vcpus == 0)
        return fail("use vCPUs", "0", "want at least one");
    for (size_t i = 1; i < machine.nodes.size(); i++)
        if (!machine.nodes[i].cpus.empty())
            return fail("use vCPUs", std::to_string(vcpus),
                        "machine " + machine.name + " has vCPUs in several nodes");
    machine.vcpus = vcpus;
    const unsigned most = std::max(vcpus, room);
    machine.nodes[0].cpus = most == 1 ? "0" : "0-" + std::to_string(most - 1);
    return {};
}

Result<void> resize(Machine &machine, std::string_view sizes)
{
    const std::string all(sizes);
    for (size_t i = 0; i < machine.nodes.size(); i++) {
        uint64_t mib = 0;
        const auto [end, error] = std::from_chars(sizes.data(), sizes.data() + sizes.size(), mib);
        sizes.remove_prefix(static_cast<size_t>(end - sizes.data()));
        const bool last = i + 1 == machine.nodes.size();
        if (error != std::errc() || mib == 0 || last != sizes.empty() ||
            (!last && sizes.front() != ','))
            return fail("use memory sizes", all, "want one number of MiB for each node",
                        "machine " + machine.name + " has " + std::to_string(machine.nodes.size()) +
                            " nodes");
        machine.nodes[i].memory_mib = mib;
        if (!last)
            sizes.remove_prefix(1);
    }
    return {};
}

void add_memory_for_kasan(Machine &machine)
{
    constexpr uint64_t kCodeAndBookkeepingMib = 128;
    machine.nodes[0].memory_mib += machine.memory_mib() / 7 + kCodeAndBookkeepingMib;
}

}  // namespace harness
