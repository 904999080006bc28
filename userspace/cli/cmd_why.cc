// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/commands.h"
#include "cli/output_json.h"
#include "sluice/text.h"

namespace sluice {

namespace {

Result<uint64_t> parse_address(std::string_view text)
{
    const bool prefixed = text.starts_with("0x") || text.starts_with("0X");
    if (const auto address = parse_number(text.substr(prefixed ? 2 : 0), 16))
        return *address;
    return fail(Error{Code::usage, "understand the address", std::string(text),
                      "it is not a hexadecimal number", "for example: 7f10c4000000"});
}

}  // namespace

int run_why(const CommonOptions &common, const WhyOptions &options)
{
    const auto address = parse_address(options.address);
    if (!address)
        return report_error(address.error());
    const auto report = explain_address(Sysroot(common.sysroot), options.pid, *address);
    if (!report)
        return report_error(report.error());
    print_report(common, *report);
    return 0;
}

}  // namespace sluice
