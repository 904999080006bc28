// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/files.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace harness {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path &path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf() || in.peek() == EOF))
        return fail_errno("read", path);
    return text.str();
}

Result<void> write_file(const fs::path &path, std::string_view text)
{
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out)
        return fail_errno("write", path);
    return {};
}

Result<void> make_dirs(const fs::path &path)
{
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        return fail("make directory", path, error.message());
    return {};
}

Result<TempDir> TempDir::create()
{
    std::error_code error;
    const fs::path base = fs::temp_directory_path(error);
    std::string pattern = (error ? fs::path("/tmp") : base) / "sluice-vm.XXXXXX";
    if (!mkdtemp(pattern.data()))
        return fail_errno("make directory", pattern);
    return TempDir(pattern);
}

TempDir::~TempDir()
{
    std::error_code ignored;
    if (!path_.empty())
        fs::remove_all(path_, ignored);
}

}  // namespace harness
