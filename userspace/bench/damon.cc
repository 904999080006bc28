// SPDX-License-Identifier: GPL-2.0-or-later
// DAMON as the kernel's documentation describes it (admin-guide/mm/damon/usage.rst): one context
// for each node; the slow node's hot regions move to the fast one, the fast node's cold ones to the
// slow one.
#include "bench/policy.h"

#include "sluice/text.h"

#include <fmt/format.h>

#include <map>
#include <optional>

namespace sluice::bench {

namespace {

constexpr char admin[] = "/sys/kernel/mm/damon/admin/kdamonds";

struct Extent {
    uint64_t start = ~uint64_t{0};
    uint64_t end = 0;
};

// Physical addresses that a node's zones span: /proc/zoneinfo has "Node 0, zone ...", "spanned N"
// and "start_pfn: N".
std::map<int, Extent> node_extents(std::string_view zoneinfo)
{
    std::map<int, Extent> extents;
    int node = -1;
    uint64_t spanned = 0;
    for (std::string_view line : split_lines(zoneinfo)) {
        const auto words = split_fields(line);
        if (words.size() >= 4 && words[0] == "Node")
            node =
                static_cast<int>(parse_number(words[1].substr(0, words[1].size() - 1)).value_or(0));
        else if (words.size() == 2 && words[0] == "spanned")
            spanned = parse_number(words[1]).value_or(0);
        else if (words.size() == 2 && words[0] == "start_pfn:" && spanned) {
            const uint64_t first = parse_number(words[1]).value_or(0);
            Extent &extent = extents[node];
            extent.start = std::min(extent.start, first * 4096);
            extent.end = std::max(extent.end, (first + spanned) * 4096);
        }
    }
    return extents;
}

std::string number(uint64_t value)
{
    return std::to_string(value);
}

// One kernel thread that watches `from` and moves what has the wanted number of accesses to
// `target`.
struct Mover {
    Extent from;
    const char *action;
    int target;
    uint64_t min_accesses, max_accesses, min_age;
};

std::vector<Setting> settings_of(unsigned thread, const Mover &mover)
{
    const std::string context = fmt::format("{}/{}/contexts/0/", admin, thread);
    const std::string scheme = context + "schemes/0/", pattern = scheme + "access_pattern/";
    const std::string region = context + "targets/0/regions/0/";
    const std::string most = number(~uint64_t{0});
    return {{fmt::format("{}/{}/contexts/nr_contexts", admin, thread), "1"},
            {context + "operations", "paddr"},
            {context + "monitoring_attrs/intervals/sample_us", "5000"},
            {context + "monitoring_attrs/intervals/aggr_us", "100000"},
            {context + "monitoring_attrs/nr_regions/min", "10"},
            {context + "monitoring_attrs/nr_regions/max", "1000"},
            {context + "targets/nr_targets", "1"},
            {context + "targets/0/regions/nr_regions", "1"},
            {region + "start", number(mover.from.start)},
            {region + "end", number(mover.from.end)},
            {context + "schemes/nr_schemes", "1"},
            {scheme + "action", mover.action},
            {scheme + "target_nid", number(mover.target)},
            {pattern + "sz/min", "4096"},
            {pattern + "sz/max", most},
            {pattern + "nr_accesses/min", number(mover.min_accesses)},
            {pattern + "nr_accesses/max", number(mover.max_accesses)},
            {pattern + "age/min", number(mover.min_age)},
            {pattern + "age/max", most},
            {scheme + "quotas/bytes", number(uint64_t{200} << 20)},
            {scheme + "quotas/reset_interval_ms", "1000"},
            {scheme + "quotas/weights/nr_accesses_permil", "1000"},
            {scheme + "quotas/weights/age_permil", "1000"}};
}

Result<uint64_t> applied_bytes(const Sysroot &root, unsigned thread)
{
    const std::string base = fmt::format("{}/{}/", admin, thread);
    if (auto asked = root.write(base + "state", "update_schemes_stats"); !asked)
        return propagate(asked);
    const auto text = root.read(base + "contexts/0/schemes/0/stats/sz_applied");
    if (!text)
        return propagate(text);
    return parse_number(trim(*text)).value_or(0);
}

}  // namespace

Result<std::vector<Setting>> damon_settings(const Sysroot &root)
{
    const auto zoneinfo = root.read("/proc/zoneinfo");
    if (!zoneinfo)
        return propagate(zoneinfo);
    auto extents = node_extents(*zoneinfo);
    if (extents.size() < 2)
        return fail(Error{Code::failed, "find", "two nodes", "there is one", {}});
    std::vector<Setting> settings = {{fmt::format("{}/nr_kdamonds", admin), "2"}};
    // 5 % of the samples of an interval, as an access by chance is no reason; cold is what was not
    // accessed for a second.
    const Mover movers[] = {{extents[1], "migrate_hot", 0, 1, 20, 0},
                            {extents[0], "migrate_cold", 1, 0, 0, 10}};
    for (unsigned thread = 0; thread < 2; ++thread)
        for (Setting &setting : settings_of(thread, movers[thread]))
            settings.push_back(std::move(setting));
    for (unsigned thread = 0; thread < 2; ++thread)
        settings.push_back({fmt::format("{}/{}/state", admin, thread), "on"});
    return settings;
}

Result<Moved> damon_moved(const Sysroot &root)
{
    const auto up = applied_bytes(root, 0);
    const auto down = applied_bytes(root, 1);
    if (!up)
        return propagate(up);
    if (!down)
        return propagate(down);
    return Moved{*up / 4096, *down / 4096};
}

Result<> damon_stop(const Sysroot &root)
{
    for (unsigned thread = 0; thread < 2; ++thread)
        if (auto off = root.write(fmt::format("{}/{}/state", admin, thread), "off"); !off)
            return off;
    return {};
}

}  // namespace sluice::bench
