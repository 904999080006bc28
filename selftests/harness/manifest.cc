// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/manifest.h"

#include <map>
#include <set>

#include <nlohmann/json.hpp>

namespace harness {

namespace {

using Json = nlohmann::json;

const std::map<std::string, JobKind> kKinds = {{"host", JobKind::host},
                                               {"guest", JobKind::guest},
                                               {"kunit", JobKind::kunit},
                                               {"bare", JobKind::bare}};
const std::map<std::string, Mode> kModes = {{"fast", Mode::fast},
                                            {"virtual-time", Mode::virtual_time}};
const std::set<std::string> kKeys = {
    "name",           "kind",    "program",       "args",        "make",           "timeout_s",
    "allowed_skips",  "machine", "variant",       "mode",        "append",         "memory",
    "boot_timeout_s", "suites",  "compare",       "description", "vcpus",          "max_vcpus",
    "cpu_options",    "reboots", "host_services", "long",        "own_kernel_only"};

// A misspelt key would silently test something else.
void refuse_unknown_keys(const Json &j)
{
    for (const auto &item : j.items())
        if (!kKeys.contains(item.key()))
            throw std::invalid_argument("unknown key '" + item.key() + "'");
}

void parse_guest(const Json &j, Job &job)
{
    job.machine = j.value("machine", job.machine);
    job.variant = j.value("variant", job.variant);
    job.mode = kModes.at(j.value("mode", "fast"));
    job.append = j.value("append", "");
    job.memory = j.value("memory", "");
    job.vcpus = j.value("vcpus", 0u);
    job.max_vcpus = j.value("max_vcpus", 0u);
    job.cpu_options = j.value("cpu_options", "");
    job.host_services = j.value("host_services", false);
    job.reboots = j.value("reboots", false);
    job.boot_timeout = std::chrono::seconds(j.value("boot_timeout_s", 120));
    job.suites = j.value("suites", "");
    for (const auto &c : j.value("compare", Json::array()))
        job.comparisons.push_back(
            {c.at("measured").get<std::string>(), c.at("pmu").get<std::string>()});
}

Job parse_job(const Json &j)
{
    refuse_unknown_keys(j);
    Job job;
    job.name = j.at("name").get<std::string>();
    job.kind = kKinds.at(j.at("kind").get<std::string>());
    job.program = job.kind == JobKind::kunit ? "" : j.at("program").get<std::string>();
    job.args = j.value("args", std::vector<std::string>());
    job.make = j.value("make", job.make);
    job.timeout = std::chrono::seconds(j.at("timeout_s").get<unsigned>());
    job.allowed_skips = j.value("allowed_skips", std::vector<std::string>());
    job.own_kernel_only = j.value("own_kernel_only", std::vector<std::string>());
    job.takes_long = j.value("long", false);
    parse_guest(j, job);
    return job;
}

}  // namespace

Result<std::vector<Job>> parse_manifest(const std::filesystem::path &name, std::string_view text)
{
    std::vector<Job> jobs;
    std::set<std::string> names;
    try {
        const Json manifest = Json::parse(text);
        for (const auto &j : manifest.at("jobs")) {
            jobs.push_back(parse_job(j));
            if (!names.insert(jobs.back().name).second)
                return fail("parse manifest", name, "two jobs named " + jobs.back().name);
        }
    } catch (const std::exception &e) {
        return fail("parse manifest", name,
                    "job " + std::to_string(jobs.size() + 1) + ": " + e.what());
    }
    if (jobs.empty())
        return fail("parse manifest", name, "it has no jobs");
    return jobs;
}

}  // namespace harness
