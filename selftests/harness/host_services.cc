// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host_services.h"

#include <array>
#include <cstdio>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace harness {

namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kPage = 4096;

using Json = nlohmann::json;

Result<Json> execute(Qmp &qmp, const std::string &command, const Json &arguments = Json::object())
{
    auto answer = qmp.execute(Json{{"execute", command}, {"arguments", arguments}}.dump());
    if (!answer)
        return tl::make_unexpected(answer.error());
    return Json::parse(*answer, nullptr, false);
}

Result<std::string> done(const Result<Json> &result)
{
    if (!result)
        return tl::make_unexpected(result.error());
    return "";
}

// Names of the memory modules that are in the machine, in the order in which they came.
Result<std::vector<std::string>> modules(Qmp &qmp)
{
    const auto devices = execute(qmp, "query-memory-devices");
    if (!devices)
        return tl::make_unexpected(devices.error());
    std::vector<std::string> names;
    for (const auto &device : *devices)
        names.push_back(device["data"].value("id", ""));
    return names;
}

// QEMU wants to know what the guest shall keep.
Result<std::string> balloon(Qmp &qmp, uint64_t mib)
{
    const auto size = execute(qmp, "query-memory-size-summary");
    if (!size)
        return tl::make_unexpected(size.error());
    const auto all =
        size->value("base-memory", uint64_t{0}) + size->value("plugged-memory", uint64_t{0});
    if (mib * kMiB >= all)
        return fail("fill the balloon", fmt::format("{} MiB", mib), "the guest has no more");
    return done(execute(qmp, "balloon", {{"value", all - mib * kMiB}}));
}

Result<std::string> unplug(Qmp &qmp)
{
    const auto names = modules(qmp);
    if (!names)
        return tl::make_unexpected(names.error());
    if (names->empty())
        return fail("unplug", "memory", "nothing is plugged");
    return done(execute(qmp, "device_del", {{"id", names->back()}}));
}

}  // namespace

std::string HostServices::feed(std::string_view data)
{
    std::string answers;
    text_ += data;
    for (size_t end; (end = text_.find('\n')) != std::string::npos; text_.erase(0, end + 1))
        answers += answer(text_.substr(0, end));
    return answers;
}

std::string HostServices::answer(const std::string &request)
{
    const auto result = serve(request);
    if (!result)
        return fmt::format("failed {}\n", result.error().text());
    return result->empty() ? "ok\n" : fmt::format("ok {}\n", *result);
}

Result<std::string> HostServices::serve(const std::string &request)
{
    std::istringstream in(request);
    std::string verb;
    std::vector<uint64_t> numbers;
    in >> verb;
    for (uint64_t n; in >> n;)
        numbers.push_back(n);
    const auto is = [&](const char *name, size_t count) {
        return verb == name && numbers.size() == count && in.eof();
    };
    auto qmp = Qmp::connect(qmp_socket_, std::chrono::seconds(20));
    if (!qmp)
        return tl::make_unexpected(qmp.error());
    if (is("balloon", 1))
        return balloon(*qmp, numbers[0]);
    if (is("plug", 2))
        return plug(*qmp, numbers[0], numbers[1]);
    if (is("unplug", 0))
        return unplug(*qmp);
    if (is("resident", 1))
        return resident(*qmp, numbers[0]);
    if (is("msrs", 0))
        return qmp->monitor_command("info pmu").map(msr_accesses);
    return fail("serve", "the guest", "it asked for '" + request + "'");
}

Result<std::string> HostServices::plug(Qmp &qmp, uint64_t mib, uint64_t node)
{
    // What the guest has let go: QEMU refuses for the others, and that is as good.
    std::erase_if(modules_, [&qmp](const std::string &name) {
        return execute(qmp, "object-del", {{"id", "memory-" + name}}).has_value();
    });
    const auto name = fmt::format("module{}", number_);
    const auto memory = execute(
        qmp, "object-add",
        {{"qom-type", "memory-backend-ram"}, {"id", "memory-" + name}, {"size", mib * kMiB}});
    if (!memory)
        return done(memory);
    number_++;
    modules_.push_back(name);
    return done(execute(
        qmp, "device_add",
        {{"driver", "pc-dimm"}, {"id", name}, {"memdev", "memory-" + name}, {"node", node}}));
}

Result<std::string> HostServices::resident(Qmp &qmp, uint64_t node) const
{
    const auto info = qmp.monitor_command("info ramblock");
    if (!info)
        return info;
    const auto block = find_ram_block(*info, fmt::format("m{}", node));
    if (!block)
        return tl::make_unexpected(block.error());
    const auto kb = resident_kb(pid_, *block);
    if (!kb)
        return tl::make_unexpected(kb.error());
    return fmt::format("{}", *kb);
}

// Block Name, page size, offset, used, total, address, read-only; sizes have a unit of their own.
Result<RamBlock> find_ram_block(std::string_view info, const std::string &name)
{
    std::istringstream lines{std::string(info)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream in(line);
        std::string block, size, unit, offset, used, total, address;
        in >> block >> size >> unit >> offset >> used >> total >> address;
        if (!in || (block != name && !block.ends_with("/" + name)))
            continue;
        RamBlock b;
        b.bytes = std::strtoull(total.c_str(), nullptr, 16);
        b.address = std::strtoull(address.c_str(), nullptr, 16);
        if (b.bytes && b.address)
            return b;
    }
    return fail("find memory block", name, "QEMU does not name it");
}

// "  msr 0x0000038f: reads 12 writes 40"
std::string msr_accesses(std::string_view info)
{
    std::map<unsigned, uint64_t> accesses;
    std::istringstream lines{std::string(info)};
    for (std::string line; std::getline(lines, line);) {
        unsigned address = 0;
        uint64_t reads = 0, writes = 0;
        if (std::sscanf(line.c_str(), " msr %x: reads %lu writes %lu", &address, &reads, &writes) ==
            3)
            accesses[address] += reads + writes;
    }
    std::string text;
    for (const auto &[address, count] : accesses)
        text += fmt::format("{}{:x}:{}", text.empty() ? "" : " ", address, count);
    return text;
}

Result<uint64_t> resident_kb(pid_t pid, const RamBlock &block)
{
    constexpr uint64_t kPresent = 1ULL << 63;
    const std::string path = fmt::format("/proc/{}/pagemap", pid);
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("open", path);
    std::array<uint64_t, 8192> entries;
    uint64_t pages = block.bytes / kPage, present = 0;
    auto at = static_cast<off_t>(block.address / kPage * sizeof(uint64_t));
    while (pages > 0) {
        const auto n = std::min<uint64_t>(pages, entries.size()) * sizeof(uint64_t);
        if (pread(fd, entries.data(), n, at) != static_cast<ssize_t>(n)) {
            auto error = fail_errno("read", path);
            close(fd);
            return error;
        }
        for (size_t i = 0; i < n / sizeof(uint64_t); i++)
            present += (entries[i] & kPresent) != 0;
        at += static_cast<off_t>(n);
        pages -= n / sizeof(uint64_t);
    }
    close(fd);
    return present * kPage / 1024;
}

}  // namespace harness
