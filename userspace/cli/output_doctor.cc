// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_json.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace sluice {

namespace {

using Out = std::back_insert_iterator<std::string>;

const char *name_of(Verdict verdict)
{
    switch (verdict) {
        case Verdict::yes:
            return "yes";
        case Verdict::no:
            return "no";
        case Verdict::unknown:
            return "unknown";
    }
    return "?";
}

void checks_text(const Diagnosis &diagnosis, bool needed, Out out)
{
    fmt::format_to(out, "\n{}\n", needed ? "needed" : "helpful");
    for (const Check &check : diagnosis.checks) {
        if (check.needed != needed)
            continue;
        fmt::format_to(out, "  {:<8}{:<15} {}\n", name_of(check.verdict), check.id, check.question);
        fmt::format_to(out, "{:26}{}\n", "", check.reason);
        if (!check.fix.empty())
            fmt::format_to(out, "{:26}fix: {}\n", "", check.fix);
    }
}

std::string conclusion(const Diagnosis &diagnosis)
{
    const auto missing = diagnosis.missing();
    if (missing.empty())
        return "Sluice can run here.\n";
    std::vector<std::string> names;
    for (const Check *check : missing)
        names.push_back(check->id);
    return fmt::format("Sluice cannot run here: {}.\n", fmt::join(names, ", "));
}

}  // namespace

std::string to_text(const Diagnosis &diagnosis)
{
    std::string text;
    Out out(text);
    fmt::format_to(out, "kernel {}, CPU {}\n", diagnosis.kernel, diagnosis.cpu);
    checks_text(diagnosis, true, out);
    checks_text(diagnosis, false, out);
    return text + "\n" + conclusion(diagnosis);
}

Json to_json(const Diagnosis &diagnosis)
{
    Json checks = Json::array();
    for (const Check &check : diagnosis.checks)
        checks.push_back({{"id", check.id},
                          {"question", check.question},
                          {"needed", check.needed},
                          {"verdict", name_of(check.verdict)},
                          {"reason", check.reason},
                          {"fix", check.fix}});
    return {{"schema", "sluice.doctor/1"},
            {"kernel", diagnosis.kernel},
            {"cpu", diagnosis.cpu},
            {"good", diagnosis.missing().empty()},
            {"checks", std::move(checks)}};
}

}  // namespace sluice
