// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/qemu_args.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include <fmt/format.h>

namespace harness {

namespace {

namespace fs = std::filesystem;
using Args = std::vector<std::string>;

void add(Args &args, std::initializer_list<std::string> more)
{
    args.insert(args.end(), more);
}

// In QEMU's option lists a comma inside a value is written twice.
std::string escaped(const fs::path &path)
{
    std::string out;
    for (char c : path.string())
        out.append(c == ',' ? 2 : 1, c);
    return out;
}

void add_machine(Args &args, const QemuConfig &c, bool bare)
{
    const Machine &m = c.machine;
    // sata=off: the firmware would look for disks for half a minute, and for ever under icount.
    add(args, {"-machine", "q35,sata=off,hmat=on"});
    if (c.mode == Mode::kvm)
        add(args, {"-accel", "kvm", "-cpu", m.pmu ? "host,pmu=on" : "host,pmu=off"});
    else
        add(args,
            {"-accel", c.mode == Mode::fast ? "tcg,thread=multi" : "tcg,thread=single", "-cpu",
             fmt::format("{},pmu={}{}{}", m.cpu, m.pmu ? "on" : "off",
                         c.cpu_options.empty() ? "" : ",", c.cpu_options)});
    // Linux takes no CPU later into a package that is there already, unless it knows the
    // hypervisor.
    const auto room =
        c.max_vcpus ? fmt::format(",maxcpus={0},sockets={0},cores=1,threads=1", c.max_vcpus) : "";
    add(args, {"-smp", fmt::format("{}{}", m.vcpus, room), "-m",
               fmt::format("{}M{}", m.memory_mib(), c.host_services ? ",slots=8,maxmem=8G" : "")});
    add(args, {"-nic", "none", "-vga", "none", "-nographic"});
    // A kernel for tests restarts on purpose, and finds out itself if it was not.
    if (!bare)
        add(args, {"-no-reboot"});
    if (c.mode == Mode::virtual_time)
        add(args, {"-icount", "shift=0,sleep=off", "-seed", "1", "-rtc",
                   "base=2026-01-01T00:00:00,clock=vm"});
}

void add_memory(Args &args, const Machine &m, size_t node)
{
    add(args, {"-object",
               fmt::format("memory-backend-ram,id=m{},size={}M", node, m.nodes[node].memory_mib)});
}

// QEMU 10.0, when it saves a machine, takes a block's offset for an address, and stops with an
// assertion unless the first block is as large as any.
void add_largest_memory_first(Args &args, const Machine &m)
{
    std::vector<size_t> order(m.nodes.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater(),
                             [&m](size_t i) { return m.nodes[i].memory_mib; });
    for (const size_t i : order)
        add_memory(args, m, i);
}

void add_nodes(Args &args, const Machine &m, bool to_be_saved)
{
    if (to_be_saved)
        add_largest_memory_first(args, m);
    for (size_t i = 0; i < m.nodes.size(); i++) {
        const Node &node = m.nodes[i];
        if (!to_be_saved)
            add_memory(args, m, i);
        add(args, {"-numa", fmt::format("node,nodeid={0},memdev=m{0},{1}", i,
                                        node.cpus.empty() ? "initiator=0" : "cpus=" + node.cpus)});
    }
    // A node without vCPUs is a tier of its own only with both latency and bandwidth.
    for (size_t i = 0; i < m.nodes.size(); i++) {
        const auto entry = fmt::format("hmat-lb,initiator=0,target={},hierarchy=memory", i);
        add(args, {"-numa", fmt::format("{},data-type=access-latency,latency={}", entry,
                                        m.nodes[i].latency_ns)});
        add(args, {"-numa", fmt::format("{},data-type=access-bandwidth,bandwidth={}G", entry,
                                        m.nodes[i].bandwidth_gib)});
    }
}

// What the kernel of build_bare_args() is told: vCPUs, the nodes' MiB/ns, the mode.
std::string bare_command_line(const QemuConfig &c)
{
    std::string line = fmt::format("vcpus={} nodes=", c.machine.vcpus);
    for (size_t i = 0; i < c.machine.nodes.size(); i++)
        line += fmt::format("{}{}/{}", i ? "," : "", c.machine.nodes[i].memory_mib,
                            c.machine.nodes[i].latency_ns);
    if (c.mode == Mode::virtual_time)
        line += " virtual_time";
    return line + (c.append.empty() ? "" : " " + c.append);
}

void add_file(Args &args, const std::string &id, const fs::path &path)
{
    add(args, {"-chardev", fmt::format("file,id={},path={},append=on", id, escaped(path))});
}

void add_filesystem(Args &args, const std::string &tag, const fs::path &path, bool readonly)
{
    add(args, {"-fsdev",
               fmt::format("local,id={},path={},security_model=none,multidevs=remap{}", tag,
                           escaped(path), readonly ? ",readonly=on" : ""),
               "-device", fmt::format("virtio-9p-pci,fsdev={0},mount_tag={0}", tag)});
}

void add_filesystems(Args &args, const QemuConfig &c)
{
    add_filesystem(args, "root", c.host_root, true);
    for (const auto &share : c.shares)
        add_filesystem(args, share.tag, share.path, false);
}

void add_port(Args &args, const std::string &name, const fs::path &path)
{
    const auto id = name.substr(name.rfind('.') + 1);
    add(args, {"-chardev", fmt::format("file,id={},path={}", id, escaped(path)), "-device",
               fmt::format("virtserialport,chardev={},name={}", id, name)});
}

void add_console(Args &args, const QemuConfig &c)
{
    add(args, {"-chardev", fmt::format("file,id=console,path={}", escaped(c.console_log)),
               "-serial", "chardev:console"});
}

void add_ports(Args &args, const QemuConfig &c)
{
    add(args, {"-device", "virtio-serial-pci"});
    for (const char *port : {guest::kPortStdout, guest::kPortStderr, guest::kPortStatus})
        add_port(args, port, port_pipe(c.run_dir, port));
    add_port(args, guest::kPortResults, c.results);
    // A pipe with one name is read and written by QEMU; nobody writes to this one but the launcher.
    if (c.waits)
        add(args,
            {"-chardev",
             fmt::format("pipe,id=wake,path={}", escaped(port_pipe(c.run_dir, guest::kPortWake))),
             "-device", fmt::format("virtserialport,chardev=wake,name={}", guest::kPortWake)});
}

// Bytes go both ways through the last port: into a pipe PATH.out, and out of PATH.in.
void add_host_services(Args &args, const QemuConfig &c)
{
    add(args, {"-device", "virtio-balloon-pci"});
    add(args, {"-chardev",
               fmt::format("pipe,id=host,path={}", escaped(port_pipe(c.run_dir, guest::kPortHost))),
               "-device", fmt::format("virtserialport,chardev=host,name={}", guest::kPortHost)});
}

void add_control(Args &args, const QemuConfig &c)
{
    add(args, {"-qmp", fmt::format("unix:{},server=on,wait=off", escaped(qmp_socket(c.run_dir)))});
    if (c.monitor)
        add(args, {"-monitor", fmt::format("unix:{},server=on,wait=off", escaped(*c.monitor))});
    else
        add(args, {"-monitor", "none"});
}

// A guest on a busy host measures its timers badly, and may panic over it. So it is
// told: the clock of the time stamp counter, which is the host's own in fast mode and
// 1 GHz in virtual time, and that the timer works.
std::string timer_arguments(const QemuConfig &c)
{
    const unsigned khz = c.mode == Mode::virtual_time ? 1'000'000 : c.tsc_khz;
    return "no_timer_check tsc=reliable" + (khz ? fmt::format(" tsc_early_khz={}", khz) : "");
}

std::string init_argument(const QemuConfig &c)
{
    if (c.alone)
        return "alone=\"" + *c.alone + '"';
    return c.waits ? guest::kWaitParameter : guest::kJobParameter + job_file(c.run_dir).string();
}

void add_kernel(Args &args, const QemuConfig &c)
{
    std::string line = fmt::format("console=ttyS0 panic=-1 nmi_watchdog=0 {} {}",
                                   timer_arguments(c), init_argument(c));
    if (c.gdb_port) {
        line += " nokaslr";  // so that addresses are those of vmlinux
        add(args, {"-S", "-gdb", fmt::format("tcp:127.0.0.1:{}", c.gdb_port)});
    }
    if (!c.append.empty())
        line += " " + c.append;
    add(args, {"-kernel", c.kernel, "-initrd", c.initramfs, "-append", line});
}

bool plain(const std::string &arg)
{
    constexpr char kSafe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "-_=+:,./@%";
    return !arg.empty() && arg.find_first_not_of(kSafe) == std::string::npos;
}

std::string quoted(const std::string &arg)
{
    if (plain(arg))
        return arg;
    std::string out = "'";
    for (char c : arg)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

}  // namespace

fs::path qmp_socket(const fs::path &run_dir)
{
    return run_dir / "qmp";
}

fs::path job_file(const fs::path &run_dir)
{
    return run_dir / "job";
}

fs::path port_pipe(const fs::path &run_dir, const std::string &port)
{
    return run_dir / port;
}

std::vector<std::string> build_qemu_args(const QemuConfig &c)
{
    Args args = {c.qemu};
    for (const auto &dir : c.firmware)
        add(args, {"-L", dir});
    add_machine(args, c, false);
    add_nodes(args, c.machine, c.waits);
    if (c.alone)
        add(args, {"-no-shutdown"});
    else
        add_filesystems(args, c);
    add_console(args, c);
    if (!c.alone)
        add_ports(args, c);
    if (c.host_services)
        add_host_services(args, c);
    add_control(args, c);
    add_kernel(args, c);
    if (c.incoming)
        add(args, {"-incoming", "file:" + escaped(*c.incoming)});
    return args;
}

std::vector<std::string> build_bare_args(const QemuConfig &c)
{
    Args args = {c.qemu};
    for (const auto &dir : c.firmware)
        add(args, {"-L", dir});
    add_machine(args, c, true);
    add_nodes(args, c.machine, false);
    add_file(args, "console", c.console_log);
    add_file(args, "results", c.results);
    add(args, {"-serial", "chardev:console"});
    add(args, {"-device", "isa-debugcon,chardev=results,iobase=0xe9"});
    add(args, {"-device", "isa-debug-exit,iobase=0xf4,iosize=1"});
    add(args, {"-fw_cfg", fmt::format("name=opt/sluice/moves,string={}", c.moves)});
    add(args, {"-qmp", fmt::format("unix:{},server=on,wait=off", escaped(qmp_socket(c.run_dir)))});
    add(args, {"-monitor", "none", "-kernel", c.kernel, "-append", bare_command_line(c)});
    if (c.incoming)
        add(args, {"-incoming", "file:" + escaped(*c.incoming)});
    return args;
}

std::string shell_line(const std::vector<std::string> &args)
{
    std::string line;
    for (const auto &arg : args)
        line += (line.empty() ? "" : " ") + quoted(arg);
    return line;
}

}  // namespace harness
