// SPDX-License-Identifier: GPL-2.0-or-later
#include "runner/cell_run.h"

#include "harness/alone.h"
#include "runner/guest_output.h"

namespace bench {

namespace fs = std::filesystem;

namespace {

fs::path image_file(const harness::Layout &layout, const std::string &name)
{
    return layout.build() / "images" / (name + ".cpio");
}

Result<harness::QemuConfig> machine_of(const harness::Layout &layout, const Cell &cell)
{
    auto qemu = layout.qemu(cell.variant, cell.machine, {cell.memory_mib, 0});
    if (!qemu)
        return qemu;
    qemu->mode = harness::Mode::virtual_time;
    qemu->initramfs = image_file(layout, cell.image);
    qemu->append = cell.append;
    return qemu;
}

}  // namespace

Result<CellFiles> files_of(const harness::Layout &layout, const Matrix &matrix)
{
    const auto qemu = layout.qemu(matrix.variant, matrix.machine, {});
    if (!qemu)
        return tl::make_unexpected(qemu.error());
    CellFiles files{{qemu->qemu, qemu->kernel, layout.machine_file(matrix.machine)}, {}};
    for (const Cell &cell : cells_of(matrix))
        files.images[cell.image] = image_file(layout, cell.image);
    return files;
}

Result<Json> run_cell(const harness::Layout &layout, const Cell &cell, const fs::path &log_dir)
{
    auto qemu = machine_of(layout, cell);
    if (!qemu)
        return tl::make_unexpected(qemu.error());
    const auto guest =
        harness::run_alone(*qemu, cell.command, log_dir, std::chrono::seconds(cell.timeout_s));
    if (!guest)
        return tl::make_unexpected(guest.error());
    auto result = result_of(guest->console);
    if (!result)
        return result;
    const PmuActivity pmu = parse_pmu(guest->pmu);
    (*result)["pmu"] = {{"records_written", pmu.records},
                        {"records_dropped", pmu.dropped},
                        {"pmis", pmu.pmis},
                        {"msr_accesses", pmu.all_msr_accesses()}};
    return result;
}

}  // namespace bench
