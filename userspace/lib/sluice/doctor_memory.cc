// SPDX-License-Identifier: GPL-2.0-or-later
// Nodes, tiers, free memory, huge pages.
#include "sluice/doctor_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sluice {

namespace {

constexpr double mib = 1 << 20;

std::string describe_node(const MemoryNode &node)
{
    std::string text = fmt::format("node {} {:.0f} MiB", node.id,
                                   static_cast<double>(node.memory.total_bytes) / mib);
    if (node.read_latency_ns)
        text += fmt::format(", {} ns", *node.read_latency_ns);
    if (node.read_bandwidth_mib)
        text += fmt::format(", {} MiB/s", *node.read_bandwidth_mib);
    return text;
}

Check check_nodes(const DoctorFacts &facts)
{
    Check check{"memory-nodes", "two or more nodes with memory", true, Verdict::no, "", ""};
    std::vector<std::string> texts;
    for (const MemoryNode &node : facts.nodes)
        texts.push_back(describe_node(node));
    check.reason = texts.empty() ? "the kernel shows no memory nodes"
                                 : fmt::format("{}", fmt::join(texts, "; "));
    check.verdict = facts.nodes.size() >= 2 ? Verdict::yes : Verdict::no;
    if (facts.nodes.empty())
        check.fix = "use a kernel with CONFIG_NUMA and CONFIG_ACPI_NUMA";
    else if (facts.nodes.size() < 2)
        check.fix =
            "give the machine slow memory: in QEMU a second -object memory-backend-... and "
            "-numa node; on hardware, have the CXL or persistent memory onlined (daxctl)";
    return check;
}

// Where the kernel has its idea of the tiers from.
std::string learnt_from(const DoctorFacts &facts)
{
    if (facts.root.exists("/sys/firmware/acpi/tables/HMAT"))
        return "learnt from ACPI HMAT";
    return "no ACPI HMAT: all memory counts as equal, unless a driver knows better";
}

Check check_tiers(const DoctorFacts &facts)
{
    Check check{"memory-tiers", "two or more memory tiers", true, Verdict::no, "", ""};
    std::vector<std::string> texts;
    for (const Tier &tier : facts.tiers)
        texts.push_back(fmt::format("tier {} (memory_tier{}): node {}", tier.rank, tier.kernel_id,
                                    fmt::join(tier.nodes, ",")));
    check.reason =
        fmt::format("{}; {}", texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, "; ")),
                    learnt_from(facts));
    check.verdict = facts.tiers.size() >= 2 ? Verdict::yes : Verdict::no;
    if (check.verdict == Verdict::yes)
        return check;
    if (facts.nodes.size() < 2)
        check.fix = "see memory-nodes";
    else
        check.fix =
            "all nodes are in one tier: the HMAT must give latency and bandwidth of every "
            "node (QEMU: hmat=on and -numa hmat-lb for both), the kernel CONFIG_ACPI_HMAT";
    return check;
}

// A full fast tier is normal: it is filled by design. Below the min watermark, nothing can move.
Check check_free(const DoctorFacts &facts)
{
    Check check{"free-memory",
                "free memory above the min watermark in each tier",
                false,
                Verdict::yes,
                "",
                ""};
    std::vector<std::string> texts;
    for (const MemoryNode &node : facts.nodes) {
        const bool low = node.memory.free_bytes < node.min_watermark_bytes;
        if (low)
            check.verdict = Verdict::no;
        texts.push_back(fmt::format("node {}: {:.1f} MiB free, watermark {:.1f}", node.id,
                                    static_cast<double>(node.memory.free_bytes) / mib,
                                    static_cast<double>(node.min_watermark_bytes) / mib));
    }
    check.reason = fmt::format("{}", fmt::join(texts, "; "));
    if (facts.nodes.empty())
        check.verdict = Verdict::unknown;
    if (check.verdict == Verdict::no)
        check.fix =
            "free memory (or add some): moves are refused (sluice_refused_nomem) while a "
            "node is below its watermark";
    return check;
}

Check check_huge_pages(const DoctorFacts &facts)
{
    Check check{"huge-pages", "transparent huge pages", false, Verdict::no, "", ""};
    const std::string modes = facts.text("/sys/kernel/mm/transparent_hugepage/enabled");
    const size_t open = modes.find('['), close = modes.find(']');
    if (open == std::string::npos || close == std::string::npos) {
        check.reason = "this kernel has none";
        check.fix = "build it with CONFIG_TRANSPARENT_HUGEPAGE=y";
        return check;
    }
    const std::string mode = modes.substr(open + 1, close - open - 1);
    check.reason = mode;
    check.verdict = mode == "never" ? Verdict::no : Verdict::yes;
    if (mode == "never")
        check.fix =
            "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled (2 MiB move at once "
            "instead of 512 pages)";
    return check;
}

}  // namespace

void check_memory(const DoctorFacts &facts, Checks &checks)
{
    checks.push_back(check_nodes(facts));
    checks.push_back(check_tiers(facts));
    checks.push_back(check_free(facts));
    checks.push_back(check_huge_pages(facts));
}

}  // namespace sluice
