// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"

#include <fmt/format.h>

namespace sluice {

namespace {

// Corruption is worse than an interrupt: it decides first.
int exit_code(uint64_t corrupt_bytes, bool was_interrupted)
{
    if (corrupt_bytes != 0)
        return static_cast<int>(Code::failed);
    return was_interrupted ? static_cast<int>(Code::interrupted) : 0;
}

Hooks hooks()
{
    catch_interrupts();
    Hooks hooks;
    hooks.interrupted = interrupted;
    return hooks;
}

}  // namespace

int run_load_gups(const CommonOptions &common, const GupsConfig &config)
{
    auto gups = Gups::create(config);
    if (!gups)
        return report_error(gups.error());
    gups->run(hooks());
    const GupsResult result = gups->verify();
    fmt::print("{}", common.json ? json_text(to_json(config, result)) : to_text(config, result));
    return exit_code(result.corrupt_bytes, result.interrupted);
}

int run_load_kv(const CommonOptions &common, const KvOptions &options)
{
    KvReport report{options.config, options.insert, options.read, {}, {}};
    auto client = KvClient::connect(options.config);
    if (!client)
        return report_error(client.error());
    if (options.insert) {
        const auto inserted = client->insert(hooks());
        if (!inserted)
            return report_error(inserted.error());
        report.insert = *inserted;
    }
    if (options.read && !interrupted()) {
        const auto read = client->read(options.limit, hooks());
        if (!read)
            return report_error(read.error());
        report.reads = *read;
    }
    fmt::print("{}", common.json ? json_text(to_json(report)) : to_text(report));
    return exit_code(report.corrupt_bytes(), report.interrupted());
}

}  // namespace sluice
