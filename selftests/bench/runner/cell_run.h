// SPDX-License-Identifier: GPL-2.0-or-later
// One cell: a guest in virtual time that shares nothing with the host while it runs.
#pragma once

#include <filesystem>

#include "harness/layout.h"
#include "runner/cell_store.h"
#include "runner/matrix.h"

namespace bench {

// Emulator, kernel and images: what a result depends on besides the cell itself.
Result<CellFiles> files_of(const harness::Layout &layout, const Matrix &matrix);
// The guest's own result, with what its PMU has done.
Result<Json> run_cell(const harness::Layout &layout, const Cell &cell,
                      const std::filesystem::path &log_dir);

}  // namespace bench
