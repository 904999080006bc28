// SPDX-License-Identifier: GPL-2.0-or-later
#include "bench/oracle.h"

#include "sluice/text.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <map>

namespace sluice::bench {

namespace {

constexpr int fast_node = 0, slow_node = 1;
constexpr uint64_t spare_pages = 256;

// Addresses of pages, by the process that has them.
using Pages = std::map<pid_t, std::vector<void *>>;

void add(Pages &pages, Load &load, uint64_t page)
{
    pages[load.process_of(page)].push_back(load.arena().bytes().data() + page * page_bytes);
}

// The node of each page of a load; negative where there is no page.
Result<std::vector<int>> nodes_of(Load &load)
{
    Pages all;
    std::map<pid_t, std::vector<int>> nodes_by_process;
    const uint64_t count = load.arena().bytes().size() / page_bytes;
    for (uint64_t page = 0; page < count; ++page)
        add(all, load, page);
    for (const auto &[process, pages] : all) {
        auto &nodes = nodes_by_process[process];
        nodes.resize(pages.size(), -1);
        if (::syscall(SYS_move_pages, process, pages.size(), pages.data(), nullptr, nodes.data(),
                      0) != 0)
            return fail(os_error("ask for", "the nodes of pages", errno));
    }
    std::vector<int> nodes;
    std::map<pid_t, size_t> taken;
    for (uint64_t page = 0; page < count; ++page) {
        const pid_t process = load.process_of(page);
        nodes.push_back(nodes_by_process[process][taken[process]++]);
    }
    return nodes;
}

// Returns how many have arrived.
Result<uint64_t> move(const Pages &all, int node)
{
    uint64_t arrived = 0;
    for (const auto &[process, pages] : all) {
        std::vector<int> targets(pages.size(), node), status(pages.size(), -1);
        if (::syscall(SYS_move_pages, process, pages.size(), pages.data(), targets.data(),
                      status.data(), MPOL_MF_MOVE) < 0)
            return fail(os_error("move", "pages", errno));
        arrived += static_cast<uint64_t>(std::ranges::count(status, node));
    }
    return arrived;
}

// Free pages of the fast node above the high watermarks of its zones.
Result<uint64_t> free_pages(const Sysroot &root)
{
    const auto zoneinfo = root.read("/proc/zoneinfo");
    if (!zoneinfo)
        return propagate(zoneinfo);
    uint64_t free = 0, in_zone = 0;
    bool ours = false;
    for (std::string_view line : split_lines(*zoneinfo)) {
        const auto words = split_fields(line);
        if (words.size() >= 4 && words[0] == "Node")
            ours = words[1] == "0,";
        else if (ours && words.size() == 3 && words[0] == "pages" && words[1] == "free")
            in_zone = parse_number(words[2]).value_or(0);
        else if (ours && words.size() == 2 && words[0] == "high")
            free += in_zone - std::min(in_zone, parse_number(words[1]).value_or(0));
    }
    return free - std::min(free, spare_pages);
}

}  // namespace

std::vector<bool> choose_pages(const std::vector<uint32_t> &heat, const std::vector<int> &nodes,
                               uint64_t capacity)
{
    std::vector<uint32_t> order;
    for (uint32_t page = 0; page < nodes.size(); ++page)
        if (nodes[page] >= 0)
            order.push_back(page);
    std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) {
        if (heat[a] != heat[b])
            return heat[a] > heat[b];
        return nodes[a] == fast_node && nodes[b] != fast_node;
    });
    std::vector<bool> fast(nodes.size(), false);
    for (size_t i = 0; i < std::min<size_t>(order.size(), capacity); ++i)
        fast[order[i]] = true;
    return fast;
}

// What leaves makes room for what comes.
Result<Placement> place_by_hand(const Sysroot &root, Load &load, uint64_t profile_operations)
{
    if (load.arena().bytes().empty())
        return fail(Error{Code::usage,
                          "place",
                          "the load's pages",
                          "they are in another process, it cannot tell where",
                          {}});
    const auto heat = load.page_heat(profile_operations);
    const auto nodes = nodes_of(load);
    if (!nodes)
        return propagate(nodes);
    const auto free = free_pages(root);
    if (!free)
        return propagate(free);
    Placement placement;
    placement.capacity_pages = *free + static_cast<uint64_t>(std::ranges::count(*nodes, fast_node));
    const auto fast = choose_pages(heat, *nodes, placement.capacity_pages);
    Pages up, down;
    for (size_t i = 0; i < nodes->size(); ++i) {
        if (fast[i] && (*nodes)[i] == slow_node)
            add(up, load, i);
        if (!fast[i] && (*nodes)[i] == fast_node)
            add(down, load, i);
    }
    const auto moved_down = move(down, slow_node);
    if (!moved_down)
        return propagate(moved_down);
    const auto moved_up = move(up, fast_node);
    if (!moved_up)
        return propagate(moved_up);
    placement.moved_pages = *moved_down + *moved_up;
    return placement;
}

}  // namespace sluice::bench
