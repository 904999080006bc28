// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/job.h"

namespace guest {

namespace {

void put(std::string &out, std::string_view key, std::string_view value)
{
    out.append(key).append("=").append(value);
    out.push_back('\0');
}

bool take(std::string_view key, std::string_view value, Job &job)
{
    if (key == "cwd") {
        job.cwd = value;
    } else if (key == "env") {
        job.env.emplace_back(value);
    } else if (key == "arg") {
        job.argv.emplace_back(value);
    } else if (key == "share") {
        const auto colon = value.find(':');
        if (colon == std::string_view::npos)
            return false;
        job.shares.push_back(
            {std::string(value.substr(0, colon)), std::string(value.substr(colon + 1))});
    } else {
        return false;
    }
    return true;
}

}  // namespace

std::string encode(const Job &job)
{
    std::string out;
    put(out, "cwd", job.cwd);
    for (const auto &e : job.env)
        put(out, "env", e);
    for (const auto &s : job.shares)
        put(out, "share", s.tag + ":" + s.path);
    for (const auto &a : job.argv)
        put(out, "arg", a);
    return out;
}

bool decode(std::string_view text, Job &job)
{
    job = Job{};
    while (!text.empty()) {
        const auto end = text.find('\0');
        if (end == std::string_view::npos)
            return false;
        const auto record = text.substr(0, end);
        const auto equals = record.find('=');
        if (equals == std::string_view::npos)
            return false;
        if (!take(record.substr(0, equals), record.substr(equals + 1), job))
            return false;
        text.remove_prefix(end + 1);
    }
    return !job.argv.empty();
}

}  // namespace guest
