// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest asks the outside to do, a line each on its console: "harness: plug".
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace harness {

class Requests {
public:
    explicit Requests(std::filesystem::path console) : console_(std::move(console)) {}

    // The next one, once its line is whole.
    std::optional<std::string> next();

private:
    std::filesystem::path console_;
    size_t seen_ = 0;
};

}  // namespace harness
