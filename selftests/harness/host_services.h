// SPDX-License-Identifier: GPL-2.0-or-later
// What a guest may ask of its host while it runs: to take memory and to give it back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "harness/qmp.h"
#include "harness/result.h"

namespace harness {

// One request a line, one answer a line ("ok ..." or "failed ..."):
//   balloon MIB     the balloon shall hold so much
//   plug MIB NODE   one more memory module, in this node
//   unplug          takes the last one back; the guest may refuse
//   resident NODE   "ok KIB": of what the node had at boot, so much has pages of the host's
//   msrs            "ok 38f:12 ...": how often the vCPUs have accessed which registers
class HostServices {
public:
    // pid: QEMU's.
    HostServices(std::filesystem::path qmp_socket, pid_t pid)
        : qmp_socket_(std::move(qmp_socket)), pid_(pid)
    {
    }

    // The answer to each request that these bytes complete.
    std::string feed(std::string_view data);

private:
    std::string answer(const std::string &request);
    Result<std::string> serve(const std::string &request);
    Result<std::string> plug(Qmp &qmp, uint64_t mib, uint64_t node);
    Result<std::string> resident(Qmp &qmp, uint64_t node) const;

    std::filesystem::path qmp_socket_;
    pid_t pid_;
    std::string text_;
    std::vector<std::string> modules_;  // names of those whose memory QEMU still keeps
    unsigned number_ = 0;               // so that each has a name of its own
};

struct RamBlock {
    uint64_t address = 0;  // in QEMU
    uint64_t bytes = 0;
};

// The block of this name in what "info ramblock" prints.
Result<RamBlock> find_ram_block(std::string_view info, const std::string &name);

// What "info pmu" says of registers, added up over all vCPUs: "ADDRESS:READS AND WRITES ...".
std::string msr_accesses(std::string_view info);

// KiB of a process's memory that have pages.
Result<uint64_t> resident_kb(pid_t pid, const RamBlock &block);

}  // namespace harness
